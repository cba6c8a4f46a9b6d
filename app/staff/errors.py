"""What signing in refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class SignInDelayed(DomainError):
    code = "sign_in_delayed"
    text = tr_noop("Too many wrong attempts. Wait {seconds} s and try again, or ask an administrator to reset it.")
