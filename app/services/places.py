"""Where an error came from, for the log; what it says may quote somebody's data."""

_FRAMES = 4


def place_of(error: BaseException) -> str:
    """Return an error's type and the innermost places that it went through."""
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(frames[-_FRAMES:]))}"
