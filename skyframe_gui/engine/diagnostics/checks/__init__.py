"""The families of checks: every module of this package is one; see the package above."""
