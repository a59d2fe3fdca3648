"""Everything over pyqtgraph: the one room that names it.

Its frame (view boxes, axes, links, rubber bands, movable lines) is used, and our painters stand in
it as graphics items: the library's own images and scatter plots repaint 16 million pixels or 20,000
marks many times slower. Importing this package imports pyqtgraph, which takes a tenth of a second:
panels do so when there is something to show, never before the window's first paint.
"""

import pyqtgraph

pyqtgraph.setConfigOptions(
    imageAxisOrder="row-major",
    antialias=False,
    exitCleanup=False,
    crashWarning=False,
    # Qt compresses moves by itself; what the library leaves out on top of that would be the last.
    mouseRateLimit=0,
)
