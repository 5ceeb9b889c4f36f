"""What every body that a program sends has in common."""

from pydantic import BaseModel, ConfigDict


class Sent(BaseModel):
    """A body; a field it does not know is refused: it is most likely one written wrongly."""

    model_config = ConfigDict(extra="forbid")
