# Every binding converts and calls; the typed API is the Python around it.
from typing import Any

def __getattr__(name: str) -> Any: ...
