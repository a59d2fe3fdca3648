"""How Sphinx makes the manual's site: ``nox -s docs``, or by hand as the session does."""

import skyframe_gui

project = "skyframe_gui"
author = "the skyframe_gui developers"
version = release = skyframe_gui.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"
html_theme = "furo"
html_title = f"skyframe_gui {release}"
autodoc_typehints = "none"  # docstrings tell shapes and units, too
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
default_role = "literal"
myst_heading_anchors = 3
suppress_warnings = ["toc.not_included"]  # the first page has a table of the others
