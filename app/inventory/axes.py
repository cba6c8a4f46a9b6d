"""Steps on the axes whose facts are kept elsewhere: an inspection that was done, a certificate that changed hands."""

from app.inventory.rules import CERTIFICATE, PDI, CertificateAction, CertificateState, PdiAction, PdiState
from app.kernel.unit_of_work import UnitOfWork
from db.models.inventory import VehicleUnit


def follow_inspection(uow: UnitOfWork, unit: VehicleUnit, result: PdiState) -> None:
    """The inspection axis takes over a result; it stays where it is when it says so already.

    UNCHECKED is the way back of a first inspection that was reopened.
    """
    if unit.pdi_state == result:
        return
    if result == PdiState.UNCHECKED:
        unit.pdi_state = result.value
        return
    action = PdiAction.PASS if result == PdiState.PASS else PdiAction.FAIL
    transition = PDI.transition(unit.pdi_state, action)
    uow.require(transition.permission)
    unit.pdi_state = transition.target.value


def move_certificate(uow: UnitOfWork, unit: VehicleUnit, action: CertificateAction) -> tuple[str, str]:
    """The certificate axis goes with a line of the ledger; returns the states before and after.

    Raises TransitionNotAllowed or PermissionDenied.
    """
    transition = CERTIFICATE.transition(unit.certificate_state, action)
    uow.require(transition.permission)
    before = unit.certificate_state
    unit.certificate_state = transition.target.value
    return before, unit.certificate_state


def restore_certificate(unit: VehicleUnit, state: str) -> None:
    """The certificate is where it was before a line of the ledger that was corrected."""
    unit.certificate_state = CertificateState(state).value
