"""The process that is killed: attaches photos and sends them at once, and says which attachments were committed.

`python -m tests.journeys.picture_desk DATABASE URL TENANT DEVICE KEY SEED`
"""

import json
import sys
import threading
from pathlib import Path

from app.attachments.commands import AttachFiles
from app.attachments.intake import GivenFile, take_in
from app.kernel.clock import SystemClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from db.engine import Database
from sync.client.content_courier import ContentCourier, CourierRunner
from sync.client.credentials import Credentials, KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.transport import HttpTransport
from tests.factories.databases import KEY
from tests.factories.people import actor_of, staff_of
from tests.factories.pictures import picture

PHOTOS = 60


def main(path: Path, url: str, credentials: Credentials, seed: int) -> None:
    """Photo after photo, until it is killed."""
    database = Database(path, KEY)
    transport = HttpTransport(url, KeptCredentials(credentials))
    engine = SyncEngine(database, transport, clock=SystemClock())
    runner = CourierRunner(ContentCourier(database, transport))
    runner.start()
    dispatcher, actor = Dispatcher(database), actor_of(staff_of(Role.BRANCH_MANAGER))
    with database.read() as session:
        units = session.connection().exec_driver_sql("SELECT id FROM vehicle_unit ORDER BY id").scalars().all()

    def exchange() -> None:
        while True:
            engine.sync_once()
            runner.poke()

    threading.Thread(target=exchange, daemon=True).start()
    for number in range(PHOTOS):
        content = picture(1000 * seed + number, size=(400, 300))
        files = dispatcher.read(take_in, actor, [GivenFile(f"{number}.jpg", content)]).files
        command = AttachFiles(subject_table="vehicle_unit", subject_id=units[number % len(units)], files=files)
        attached = dispatcher.execute(command, actor).value
        sys.stdout.write(json.dumps({"ids": attached.ids}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Credentials(*sys.argv[3:6]), int(sys.argv[6]))
