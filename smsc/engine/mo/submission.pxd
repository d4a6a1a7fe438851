# All checks of a submission and its record in about half a microsecond.
cimport cython

from smsc cimport reasons
from smsc.coverage.place cimport Place
from smsc.delivery.message cimport Message, new_message
from smsc.delivery.recipient cimport Recipient
from smsc.engine.binds.bindings cimport Bind
from smsc.engine.journal.commit cimport Commit
from smsc.engine.journal.ids cimport IdSeries
from smsc.engine.mt.queues cimport Queues
from smsc.protocol.pdu.submit cimport Submit, SubmitBatch
from smsc.routing.router cimport Router
from smsc.routing.subscribers cimport Registry, Subscriber


cdef int _ALWAYS_FITS, _FITS_ALONE, _FITS_BESIDE_HEADER, _LONGEST_SENDER
cdef int _DEFAULT_ALPHABET, _MODE_AND_TYPE, _MORE_THAN_A_RECEIPT, UDHI, V34
cdef int _TAKEN, _DEFERRED, _LOST, LATER, NEVER
cdef int _NONE, HANDSET, ACCOUNT, EMERGENCY, CONTENT
cdef int HOLD, DEFER, REJECT, LOSE, HELD


@cython.final
cdef class Submission:
    cdef public Registry registry
    cdef public Router router
    cdef public Commit commit
    cdef public Queues queues
    cdef public str length_policy
    cdef public object options, services, outboxes, repeats, replace, refusals
    cdef public IdSeries ids, short_ids
    cdef public long long now, queue_limit, recipient_limit, default_validity, octets_limit
    cdef public double link_now
    cdef public bint overwrite, long_sender, injecting
    cdef public list statuses
    cdef public set leaving

    @cython.locals(rows=list, row=Submit, index=Py_ssize_t, reason=int)
    cpdef take(self, SubmitBatch batch, Bind bind)
    @cython.locals(
        source="long long", reading="long long", key="long long", route=int, reason=int, fits=int, emergency=bint,
        queued="long long", subscriber=Subscriber, message=Message, place=Place
    )
    cpdef int consider(self, Submit row, Bind bind) except? -99
    cpdef int dispatch(self, Message message, Bind bind, Subscriber subscriber) except? -99
    cpdef int enlist(self, Message message, Bind bind) except? -99
    @cython.locals(route=int, reason=int)
    cpdef int address(self, Message message, Bind bind, Subscriber subscriber) except? -99
    cpdef int without_coverage(self, Message message, Bind bind, int uplink, Subscriber subscriber) except? -99
    @cython.locals(recipient=Recipient, waiting="long long")
    cpdef bint is_full(self, long long key, int route) except? -1
