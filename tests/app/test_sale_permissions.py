"""Who may do what in a sale: every command and every query of it, for every role."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import app.contracts.checking
import app.contracts.commands
import app.contracts.preparing
import app.contracts.queries
import app.finance.queries
import app.insurance.queries
import app.orders.commands
import app.orders.queries
import app.payments.commands
import app.payments.queries
import app.quotations.commands
import app.quotations.queries
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher, handler_of
from app.kernel.errors import DomainError, PermissionDenied
from app.kernel.permissions import Actor, Permission, Role

P = Permission
COMMANDS: dict[str, Permission] = {
    "DraftQuotation": P.QUOTATIONS_EDIT,
    "RequestApproval": P.QUOTATIONS_EDIT,
    "ApproveQuotation": P.QUOTATIONS_APPROVE,
    "RejectQuotation": P.QUOTATIONS_APPROVE,
    "PresentQuotation": P.QUOTATIONS_EDIT,
    "AcceptQuotation": P.QUOTATIONS_EDIT,
    "ReviseQuotation": P.QUOTATIONS_EDIT,
    "MarkQuotationLost": P.QUOTATIONS_EDIT,
    "PlaceOrder": P.ORDERS_EDIT,
    "SubmitOrder": P.ORDERS_EDIT,
    "ConfirmOrder": P.ORDERS_APPROVE,
    "ReturnOrder": P.ORDERS_APPROVE,
    "CancelOrder": P.ORDERS_CANCEL,
    "ResolveClaimConflict": P.ORDERS_RESOLVE_CONFLICT,
    "AskForUnitAgain": P.ORDERS_EDIT,
    "FreeFromLostOrder": P.ORDERS_RESOLVE_CONFLICT,
    "TendLeases": P.ORDERS_EDIT,
    "PlanDelivery": P.ORDERS_EDIT,
    "ReceivePayment": P.PAYMENTS_RECEIVE,
    "ConfirmPayment": P.PAYMENTS_RECEIVE,
    "ReconcilePayment": P.PAYMENTS_REVERSE,
    "ReversePayment": P.PAYMENTS_REVERSE,
    "RecordSale": P.ORDERS_EDIT,
    "DraftContract": P.CONTRACTS_DRAFT,
    "LockContract": P.CONTRACTS_SIGN,
    "SignContract": P.CONTRACTS_SIGN,
    "SealContract": P.CONTRACTS_SEAL,
    "ArchiveContract": P.CONTRACTS_SEAL,
    "DeclineContract": P.CONTRACTS_SIGN,
    "VoidContract": P.CONTRACTS_VOID,
}
QUERIES: dict[str, Permission] = {
    "preview_quotation": P.QUOTATIONS_VIEW,
    "list_quotations": P.QUOTATIONS_VIEW,
    "count_quotations": P.QUOTATIONS_VIEW,
    "get_quotation": P.QUOTATIONS_VIEW,
    "desking_grid": P.QUOTATIONS_VIEW,
    "price_for_monthly": P.QUOTATIONS_VIEW,
    "quotation_pdf": P.QUOTATIONS_VIEW,
    "list_loan_products": P.QUOTATIONS_VIEW,
    "get_loan_plan": P.QUOTATIONS_VIEW,
    "list_instalments": P.QUOTATIONS_VIEW,
    "list_third_party_limits": P.QUOTATIONS_VIEW,
    "estimate_premiums": P.QUOTATIONS_VIEW,
    "list_orders": P.ORDERS_VIEW,
    "count_orders": P.ORDERS_VIEW,
    "get_order": P.ORDERS_VIEW,
    "get_sold_specification": P.CATALOG_VIEW,
    "list_conflicts": P.ORDERS_VIEW,
    "order_of_quotation": P.ORDERS_VIEW,
    "list_payments": P.PAYMENTS_VIEW,
    "count_payments": P.PAYMENTS_VIEW,
    "get_payment": P.PAYMENTS_VIEW,
    "get_payment_standing": P.PAYMENTS_VIEW,
    "get_receipt": P.PAYMENTS_VIEW,
    "receipt_pdf": P.PAYMENTS_VIEW,
    "list_contracts": P.CONTRACTS_VIEW,
    "count_contracts": P.CONTRACTS_VIEW,
    "get_contract": P.CONTRACTS_VIEW,
    "contract_document": P.CONTRACTS_VIEW,
    "prepare_draft": P.CONTRACTS_DRAFT,
    "prepare_seal": P.CONTRACTS_SEAL,
    "verify_contract": P.CONTRACTS_VIEW,
    "verify_file": P.CONTRACTS_VIEW,
}
COMMAND_MODULES = (
    app.quotations.commands,
    app.orders.commands,
    app.payments.commands,
    app.contracts.commands,
)
QUERY_MODULES = (
    app.quotations.queries,
    app.finance.queries,
    app.insurance.queries,
    app.orders.queries,
    app.payments.queries,
    app.contracts.queries,
    app.contracts.preparing,
    app.contracts.checking,
)


def commands_in(module: ModuleType) -> list[type[Command]]:
    return [
        member
        for member in vars(module).values()
        if inspect.isclass(member) and issubclass(member, Command) and member.__module__ == module.__name__
    ]


PARTS_OF_QUERIES = frozenset({"asking_again", "coming_number", "latest_document", "seen_contract"})
"""Read for a query that has asked for its permission."""


def queries_in(module: ModuleType) -> list[Callable[..., Any]]:
    return [
        member
        for name, member in vars(module).items()
        if inspect.isfunction(member)
        and not name.startswith("_")
        and name not in PARTS_OF_QUERIES
        and next(iter(inspect.signature(member).parameters), "") == "reader"
    ]


ALL_COMMANDS = {command.__name__: command for module in COMMAND_MODULES for command in commands_in(module)}
ALL_QUERIES = {query.__name__: query for module in QUERY_MODULES for query in queries_in(module)}


def test_no_command_and_no_query_is_forgotten_here() -> None:
    assert set(ALL_COMMANDS) == set(COMMANDS)
    assert set(ALL_QUERIES) == set(QUERIES)


def anything(parameters: dict[str, inspect.Parameter]) -> dict[str, Any]:
    """Arguments that let a call begin: permission is asked before anything is looked at."""
    return {name: "" for name, parameter in parameters.items() if parameter.default is inspect.Parameter.empty}


@pytest.mark.parametrize("role", list(Role))
def test_commands_ask_for_their_permission_first(
    dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], role: Role
) -> None:
    actor = actor_with(role)
    for name, permission in COMMANDS.items():
        command = ALL_COMMANDS[name]
        assert handler_of(command).permission is permission, name  # type: ignore[attr-defined]
        if actor.may(permission):
            continue
        arguments = anything(dict(inspect.signature(command).parameters))
        with pytest.raises(PermissionDenied):
            dispatcher.execute(command(**arguments), actor)


@pytest.mark.parametrize("role", list(Role))
def test_queries_ask_for_their_permission_first(
    dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], role: Role
) -> None:
    actor = actor_with(role)
    for name, permission in QUERIES.items():
        query = ALL_QUERIES[name]
        parameters = {key: value for key, value in inspect.signature(query).parameters.items() if key != "reader"}
        parameters = {key: value for key, value in parameters.items() if value.kind is not value.VAR_KEYWORD}
        refused = False
        try:
            dispatcher.read(query, actor, **anything(parameters))
        except PermissionDenied:
            refused = True
        except (DomainError, AttributeError, TypeError):
            pass  # allowed in, then stumbled over the empty arguments
        assert refused is not actor.may(permission), (role, name)


def test_the_quick_sale_needs_all_that_it_does(dispatcher: Dispatcher, salesperson: Actor) -> None:
    command = ALL_COMMANDS["RecordSale"]
    arguments = anything(dict(inspect.signature(command).parameters))
    for missing in (P.QUOTATIONS_EDIT, P.PAYMENTS_RECEIVE):
        held = salesperson.permissions - {missing}
        actor = Actor(
            salesperson.staff_id,
            salesperson.name,
            salesperson.role,
            salesperson.branch_id,
            salesperson.branch_code,
            salesperson.desk_code,
            held,
        )
        with pytest.raises(PermissionDenied) as caught:
            dispatcher.execute(command(**arguments), actor)
        assert caught.value.params["permission"] == missing.value
