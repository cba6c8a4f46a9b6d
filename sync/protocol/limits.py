"""How large things may be. Both sides know these numbers; the service enforces them."""

PUSH_OPERATIONS = 1_000
"""A desk closes a push after so many operations, at the end of a transaction."""

PUSH_BYTES = 1 << 20
"""…or after so many bytes of operations, whichever comes first. One larger transaction travels alone."""

TRANSACTION_OPERATIONS = 50_000
"""The service takes no push with more operations than this."""

BODY_BYTES = 16 << 20
"""The largest request body as it travels, compressed or not."""

PLAIN_BYTES = 64 << 20
"""The largest body after decompression, in both directions."""

PAGE_ROWS = 5_000
"""The most rows in a page of the feed."""

FIRST_PAGE_ROWS = 1_000
"""Rows in a page unless the desk asks for more or fewer. Desks ask for larger pages once they know that much is left:
a page is one transaction there, and few large ones cost less than many small ones."""

PAGE_BYTES = 4 << 20
"""A page ends early when its rows' bodies reach this size; a page has at least one row."""

PUBLISH_ROWS = 1_000
"""Rows in one message that publishes what a desk was seeded with."""

TOKEN_SECONDS = 600
"""How long an access token is good."""

COMPRESS_FROM = 512
"""Smaller bodies travel as they are."""

CONTENT_BYTES = 20 << 20
"""The largest content (a picture, a document)."""

CONTENT_PART = 1 << 20
"""Contents travel in parts of at most so many bytes, both ways."""

TIME_STAMP_QUERY = 4 << 10
"""A request for a time-stamp is a digest and a few numbers."""

STOCK_ROWS = 200
"""Vehicles in one answer about the stock of other branches."""

STOCK_TRIMS = 100
"""Trims that may be named in one question about the stock of other branches."""

DIGEST_ROWS = 20_000
"""Records looked through for one page of the records of a bucket."""

SNAPSHOT_PART_ROWS = 10_000
"""A part of a snapshot is closed after so many rows; a single larger record stands alone."""

SNAPSHOT_PLAIN = 6 << 20
"""…or when its plain text has this size, whichever comes first: it is held in memory as a whole where it is read."""

LEASES_A_DESK = 50
"""Vehicles one desk may have secured for selling offline at a time."""

LEASE_HOURS = 24
"""How long a lease lasts unless the desk asks for more or fewer hours."""

LEASE_MOST_HOURS = 168
"""No lease is given for longer at a time; taking it again begins anew."""

LEASE_GRACE_SECONDS = 60
"""The centre keeps others away so much longer than it promised: for computers whose clocks do not run quite alike."""

SNAPSHOT_ROWS = 20_000
"""From so many live rows on, a new desk reads a scope by snapshot rather than page by page. For 20,000 rows that takes
0.8 s of its processor instead of 1.1 s, for 100,000 rows 3.0 s instead of 4.8 s; and of the centre's a fifth, for every
desk but the first, for which it costs what pages cost. Below, both take a second, and pages need nothing prepared."""

SNAPSHOT_ROWS_AT_WORK = 60_000
"""The same for a desk that is at work. It writes row by row either way, among what people write: a snapshot spares the
centre, and lets it say how much there is."""

LOG_PROOFS = 100
"""Sealed documents in one question about the log."""

EPOCHS_OF_DESK = 3
"""So many new epochs a day one desk may cause by knowing more than the centre: nobody can prove what a database forgot,
and each makes all desks of the group show and read everything again."""

EPOCHS_OF_GROUP = 10
"""The same for all desks of a group together."""

SIGNING_DOCUMENT = 8 << 20
"""The largest document that is shown on a phone to be signed there."""

SIGNING_SECONDS = 30 * 60
"""How long a request to sign on a phone is open unless the desk asks for less or more."""

SIGNING_MOST_SECONDS = 24 * 3600
"""No request is open for longer."""

SIGNING_OPEN = 20
"""Requests of one desk that are open at a time."""

SIGNING_CODE_TRIES = 5
"""So many wrong codes lock a request for good: the desk makes another one."""

SIGNING_KEPT_HOURS = 72
"""So long a signature given on a phone waits for its desk; afterwards it is erased and has to be given anew."""

OUTSIDE_CHAIN = 9
"""Certificates from a seal's up to its root: as many as a desk takes in with a key, and the seal's own."""

OUTSIDE_LIST = 64 << 10
"""The largest revocation list of an outside authority (bytes). It goes into every time-stamped document and travels to
every desk; authorities that have revoked more part their lists."""
