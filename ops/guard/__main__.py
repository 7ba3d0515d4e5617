"""`python -m ops.guard`"""

from ops.guard.worker import main

if __name__ == "__main__":
    main()
