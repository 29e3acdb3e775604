"""What the tests over other people's files share."""
import pytest

import corpus
import reading
from root import Root


@pytest.fixture(scope="session")
def root():
    """A root with everything that any of the users' files names."""
    made = Root([reading.parse(corpus.text(name)) for name in corpus.users_files()])
    yield made
    made.close()
