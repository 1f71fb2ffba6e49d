"""Find the modules that transformations of the feature repository import.

`feast apply` stores the source text of a transformation in the registry. Other commands run that
text alone (rehydrate_udf_from_source in feast/transformation/udf_rehydrate.py of Feast 0.67.0), so
it fails with NameError if it uses a name from elsewhere in its file, such as an imported module.
Stream feature views are loaded by dill, which imports the modules. Therefore all commands find the
repository's modules, and a transformation runs with the names of the file that defines it.
"""

import importlib
import os
import re
import sys
from pathlib import Path
from types import FunctionType, ModuleType


def find_module(folder: Path, text: str, name: str) -> ModuleType | None:
    """Import the file of the repository that contains a function's text.

    If no file contains the text, import a file that defines a function `name`: the text in the
    repository differs from the text in the registry until `feast apply` has run. Return None if
    there is no such file, or if its import fails.
    """
    files = {path: path.read_text("utf-8") for path in sorted(folder.rglob("*.py"))}
    defines = re.compile(rf"^(async )?def {re.escape(name)}\(", re.MULTILINE)
    exact = [path for path, content in files.items() if text in content]
    for path in exact or [path for path, content in files.items() if defines.search(content)]:
        module = ".".join(path.relative_to(folder).with_suffix("").parts)
        try:
            return importlib.import_module(module)
        except Exception as error:
            print(f"can't import {path}: {type(error).__name__}: {error}", flush=True)
    return None


def prepare() -> None:
    """Let transformations in this process use the modules of the feature repository.

    Does nothing without a repository. The folder of this file moves to the end of Python's search
    path, so that no script in it hides a module of the repository.
    """
    folder = Path(os.environ["FEATURE_REPO_DIR_ENV_VAR"])
    if not any(folder.rglob("*.py")):
        return
    sys.path += [str(folder), sys.path.pop(0)]
    from feast.transformation import udf_rehydrate

    rehydrate = udf_rehydrate.rehydrate_udf_from_source

    def rehydrate_with_names(udf_string, *, preferred_name=None):
        function = rehydrate(udf_string, preferred_name=preferred_name)
        if not isinstance(function, FunctionType):
            return function
        module = find_module(folder, udf_string, function.__name__)
        if not module:
            return function
        code, closure = function.__code__, function.__closure__
        named = FunctionType(code, vars(module), function.__name__, function.__defaults__, closure)
        named.__kwdefaults__ = function.__kwdefaults__
        named.__annotations__ = function.__annotations__
        return named

    udf_rehydrate.rehydrate_udf_from_source = rehydrate_with_names
