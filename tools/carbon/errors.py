"""The one error that reaches a user."""


class CarbonError(Exception):
    """Something a user can act on: what is wrong and where, and what to do about it.

    Shown as one message and exit status 1, never as a traceback.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}\n  → {self.remedy}" if self.remedy else self.what
