# Buys: with a window of 10 a chunk is ten messages, so the steps around each system call weigh as much as the messages.
cimport cython
from libc.stdint cimport int64_t

from smsc.load.histogram cimport Histogram
from smsc.load.lane cimport Lane


@cython.final
cdef class Flow:
    cdef readonly object poll, view, ack_view
    cdef readonly bytearray box, acks
    cdef public bint sending
    cdef public int64_t interval, left, in_flight
    cdef readonly Histogram lateness


@cython.final
cdef class Wire:
    cdef readonly object sock
    cdef readonly int fd
    cdef readonly Lane lane
    cdef readonly bytes unsent
    cdef public int64_t start
    cdef object recv_into, send, sendmsg, octets
    cdef bytes held
    cdef Flow flow

    @cython.locals(flow=Flow, lane=Lane, held=Py_ssize_t, got=Py_ssize_t, end=Py_ssize_t, used=Py_ssize_t, now=int64_t)
    cpdef bint serve(self) except -1

    @cython.locals(flow=Flow, lane=Lane, acked=Py_ssize_t, count=int64_t, filled=Py_ssize_t)
    cpdef void pump(self, int64_t now)

    @cython.locals(flow=Flow, count=int64_t, behind=int64_t)
    cdef int64_t due(self, int64_t now) except -1

    @cython.locals(total=Py_ssize_t, sent=Py_ssize_t)
    cpdef void write(self, list parts)

    cdef bint flush(self) except -1
