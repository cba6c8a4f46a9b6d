"""The longest real case at a desk, from the offer to the seal: twelve pages, forty lines, four who sign."""

from app.contracts.errors import PartyOutOfTurn
from app.contracts.checking import verify_contract
from app.contracts.queries import contract_document
from tests.app.contracts.longest_sale import FOUR, LINES, LongestSale
from tests.app.sale_desk import SaleDesk
def test_x(desk: SaleDesk) -> None:
    import time
    t=time.perf_counter()
    sale=LongestSale(desk)
    print('set up', time.perf_counter()-t); t=time.perf_counter()
    p=sale.draft()
    print('draft', time.perf_counter()-t, p.pages, len(p.content))
    open('/tmp/fc/i5/paperpics/long-zh.pdf','wb').write(p.content)
    open('/tmp/fc/i5/paperpics/long-en.pdf','wb').write(sale.desk.read(__import__('app.contracts.preparing',fromlist=['x']).prepare_draft, sale.order_id, language='en').content)
    from app.orders.queries import get_order
    print(len(desk.read(get_order, sale.order_id).lines))
