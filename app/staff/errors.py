"""What signing in refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class SignInDelayed(DomainError):
    code = "sign_in_delayed"
    text = tr_noop("Too many wrong attempts. Wait {seconds} s and try again, or ask an administrator to reset it.")


class SignInRefused(DomainError):
    code = "sign_in_refused"
    text = tr_noop("The name or the password is wrong. Check both, the keyboard layout and capitals.")


class PinRefused(DomainError):
    code = "pin_refused"
    text = tr_noop("This PIN is wrong. Try again or sign in with the password.")


class PinNotUsable(DomainError):
    code = "pin_not_usable"
    text = tr_noop("The PIN cannot be used now. Sign in with the password.")


class PasswordWrong(DomainError):
    code = "password_wrong"
    text = tr_noop("This is not the present password. Check the keyboard layout and capitals.")


class PasswordTooShort(DomainError):
    code = "password_too_short"
    text = tr_noop("A password has at least {limit} characters. A few unrelated words are easy to keep in mind.")


class PasswordTooEasy(DomainError):
    code = "password_too_easy"
    text = tr_noop("This password is among the first that are tried. Choose one that is not a name, a row or a repeat.")


class PinTooEasy(DomainError):
    code = "pin_too_easy"
    text = tr_noop("A PIN is {shortest} to {longest} digits and neither a row nor a repeat. Choose another.")


class LoginTaken(DomainError):
    code = "login_taken"
    text = tr_noop("{name} already signs in with “{login}”. Choose another sign-in name.")


class LoginUnusable(DomainError):
    code = "login_unusable"
    text = tr_noop("A sign-in name has {shortest} to {longest} letters, digits, dots, hyphens or underscores.")


class LastAdministrator(DomainError):
    code = "last_administrator"
    text = tr_noop("{name} is the last administrator. Make somebody else administrator first.")


class OwnAccount(DomainError):
    code = "own_account"
    text = tr_noop("You cannot take away your own access. Ask another administrator.")


class BranchCodeTaken(DomainError):
    code = "branch_code_taken"
    text = tr_noop("{name} already has the code “{value}”. Choose another code.")


class BayCountWrong(DomainError):
    code = "bay_count_wrong"
    text = tr_noop("A branch has between 0 and {limit} bays of a kind. Correct the number.")


class LockMinutesWrong(DomainError):
    code = "lock_minutes_wrong"
    text = tr_noop("A desk locks after {shortest} to {longest} idle minutes. Choose a number in between.")


class DeskNotSetUp(DomainError):
    code = "desk_not_set_up"
    text = tr_noop("This desk does not know its branch yet. Finish the set-up first.")


class AlreadySetUp(DomainError):
    code = "already_set_up"
    text = tr_noop("This database already has a branch. Sign in, or start with another folder.")
