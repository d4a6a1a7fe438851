# What compiling buys here: the loops over a run of submit_sm or of responses run in C.
cimport cython

from smsc.by_number cimport ByNumber
from smsc.protocol.sessions.flight cimport Flight, Pending
from smsc.protocol.pdu.submit cimport Acks, Submit, SubmitBatch, octets, parse_submit

cdef double inf
cdef int OPEN, UNBINDING, CLOSED


cdef class Link(Flight):
    cdef public object bind, system_id
    cdef public bint payload_supersedes, takes, gives, held, wants_close, lingers
    cdef public SubmitBatch batch
    cdef public Acks acks
    cdef public unsigned int response_in
    cdef public dict allowed
    cdef public object taking, giving
    cdef public long long number, id
    cdef public int state
    cdef public long long received, dropped
    cdef public list events
    cdef public double started_at, enquired_at, session_init, enquire_link, inactivity
    cdef public int highest_version

    @cython.locals(length=Py_ssize_t, start=Py_ssize_t)
    cpdef next_event(self)

    @cython.locals(
        batch=SubmitBatch, rows=list, row=Submit, data=bytes, p=octets, at=Py_ssize_t, end=Py_ssize_t,
        length=cython.uint, command=cython.uint, room=Py_ssize_t, count=Py_ssize_t, version=int
    )
    cdef SubmitBatch read_messages(self)

    @cython.locals(
        p=octets, at=Py_ssize_t, end=Py_ssize_t, length=cython.uint, command=cython.uint, sequence=cython.uint,
        count=Py_ssize_t
    )
    cdef int refuse_messages(self, unsigned int status, int reason) except -1

    @cython.locals(
        acks=Acks, tokens=list, statuses=list, message_ids=list, tlvs=list, data=bytes, p=octets, at=Py_ssize_t,
        end=Py_ssize_t, stop=Py_ssize_t, nul=Py_ssize_t, length=cython.uint, command=cython.uint,
        sequence=cython.uint, status=cython.uint, count=Py_ssize_t, room=Py_ssize_t, dropped=Py_ssize_t, last=cython.uint
    )
    cdef Acks read_responses(self)

    cpdef tick(self, double now)

    @cython.locals(due=double)
    cpdef double next_tick(self) except? -1.0

cdef double earlier(double one, double other) noexcept
