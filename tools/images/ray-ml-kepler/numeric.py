"""The module numpy._core.numeric of NumPy 2, which pickled arrays name and NumPy 1.26 lacks."""

from numpy.core.numeric import _frombuffer as _frombuffer
