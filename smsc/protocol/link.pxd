# What compiling buys here: the loops over a run of submit_sm or of responses, and each answer and message sent, run in C.
cimport cython

from smsc.protocol.framing cimport Framing
from smsc.protocol.submit cimport Acks, Submit, SubmitBatch, octets, parse_submit, put_message, put_response

@cython.final
cdef class Pending:
    cdef readonly unsigned int command_id
    cdef readonly object token

cdef class Link(Framing):
    cdef public object limits, account, system_id
    cdef public Py_ssize_t window_in, window_out, deferred, window_used
    cdef public bint throttle, payload_supersedes, takes, gives, held, wants_close
    cdef public SubmitBatch batch
    cdef public Acks acks
    cdef public unsigned int message_in, message_out, response_in, response_out, nack_out, sequence
    cdef public dict allowed, in_flight
    cdef public object taking, giving
    cdef public long long number, id
    cdef public int state, version, congestion
    cdef public long long received, sent, dropped, nacked
    cdef public list events, marks
    cdef public double started_at, active_at, enquired_at, mark_at

    @cython.locals(length=Py_ssize_t, start=Py_ssize_t)
    cpdef next_event(self)

    cdef bint full(self) noexcept

    @cython.locals(
        batch=SubmitBatch, rows=list, row=Submit, data=bytes, p=octets, at=Py_ssize_t, end=Py_ssize_t,
        length=cython.uint, command=cython.uint, room=Py_ssize_t, count=Py_ssize_t, version=int
    )
    cdef SubmitBatch read_messages(self)

    @cython.locals(p=octets, at=Py_ssize_t, end=Py_ssize_t, length=cython.uint, command=cython.uint, sequence=cython.uint)
    cdef int refuse_messages(self, unsigned int status) except -1

    @cython.locals(
        acks=Acks, tokens=list, statuses=list, message_ids=list, tlvs=list, data=bytes, p=octets, at=Py_ssize_t,
        end=Py_ssize_t, stop=Py_ssize_t, nul=Py_ssize_t, length=cython.uint, command=cython.uint, sequence=cython.uint,
        status=cython.uint, count=Py_ssize_t, room=Py_ssize_t
    )
    cdef Acks read_responses(self)

    @cython.locals(rows=list, row=Submit, i=Py_ssize_t)
    cpdef respond(self, SubmitBatch batch)

    cpdef submit_resp(self, unsigned int sequence, long long message_id)

    cpdef submit_nack(self, unsigned int sequence, unsigned int status, bytes note=*)

    @cython.locals(command=cython.uint, congestion=int, end=Py_ssize_t)
    cdef int put_answer(self, unsigned int sequence, unsigned int status, long long message_id) except -1

    @cython.locals(sequence=cython.uint)
    cpdef unsigned int send_message(self, Submit row, object token, double now) except? 0

    @cython.locals(sequence=cython.uint)
    cdef unsigned int next_sequence(self, double now) except? 0

    cpdef release(self, Py_ssize_t count)

    cpdef tick(self, double now)

    cpdef double next_tick(self) except? -1.0
