# Buys: a message costs the generator some tens of nanoseconds, a fraction of what the fastest server spends on it.
cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

from smsc.load.histogram cimport Histogram
from smsc.load.reconciliation cimport Reconciliation

ctypedef const unsigned char* octets
ctypedef unsigned char* octets_out

cdef uint32_t _SUBMIT_SM_RESP, _GENERIC_NACK, _UNBIND_RESP


@cython.final
cdef class Lane:
    cdef readonly Py_ssize_t window, outstanding
    cdef readonly int64_t count, answered, delivered, unexpected
    cdef readonly Py_ssize_t begin, end
    cdef public Py_ssize_t acked
    cdef readonly int64_t bind_status
    cdef readonly bint broken, unbinding
    cdef readonly Histogram histogram
    cdef readonly Reconciliation reconciliation
    cdef readonly bytearray octets
    cdef readonly Py_ssize_t pair_count
    cdef bint uniform, follows
    cdef uint64_t key_mask
    cdef Py_ssize_t slots, position, pair, source, destination, first_pair
    cdef uint32_t reference, sequence
    cdef int response_radix, receipt_radix
    cdef bytes run, sources, destinations
    cdef Py_ssize_t source_width, source_count, destination_width, destination_count
    cdef int32_t[::1] places
    cdef uint32_t slot_mask
    cdef uint32_t[::1] waiting
    cdef int64_t[::1] sent_at, numbers, statuses, kinds
    cdef uint8_t[::1] slot_kinds

    cpdef uint32_t next_sequence(self) noexcept

    @cython.locals(out=octets_out, places=int32_t[::1], sources=octets, destinations=octets, mask=uint32_t,
                   sequence=uint32_t, slot=uint32_t, place=Py_ssize_t, at=Py_ssize_t, begin=Py_ssize_t, i=Py_ssize_t,
                   kind=Py_ssize_t, number=int64_t, _=Py_ssize_t)
    cpdef Py_ssize_t fill(self, Py_ssize_t count, int64_t sent, int64_t interval) except -1

    cdef void advance(self) noexcept

    @cython.locals(p=octets_out, at=Py_ssize_t, length=uint32_t, command=uint32_t)
    cpdef Py_ssize_t take(self, bytearray box, Py_ssize_t end, bytearray acks, int64_t now) except -1

    @cython.locals(out=octets_out, to=Py_ssize_t, i=Py_ssize_t)
    cdef void acknowledge(self, octets_out p, Py_ssize_t at, bytearray acks, int length)

    @cython.locals(status=uint32_t, sequence=uint32_t, slot=uint32_t, kind=Py_ssize_t, to=Py_ssize_t)
    cdef bint answer(self, octets_out p, Py_ssize_t at, Py_ssize_t end, int64_t now) except -1

    cdef void other(self, octets_out p, Py_ssize_t at, uint32_t command, bytearray acks, int64_t now)

    @cython.locals(esm_class=Py_ssize_t, body=Py_ssize_t, kind=int)
    cdef void incoming(self, octets_out p, Py_ssize_t at, Py_ssize_t end, int64_t now)

    @cython.locals(run=octets, marks=Py_ssize_t, at=Py_ssize_t, mark=Py_ssize_t, i=Py_ssize_t, number=int64_t)
    cdef void arrived(self, octets_out p, Py_ssize_t body, Py_ssize_t end, int64_t now)

    @cython.locals(key=uint64_t, stat=int, text_end=Py_ssize_t, tag=int, length=Py_ssize_t, to=Py_ssize_t)
    cdef void receipted(self, octets_out p, Py_ssize_t body, Py_ssize_t at, Py_ssize_t end, int64_t now)

    @cython.locals(key=uint64_t, digit=int)
    cdef uint64_t key(self, octets_out p, Py_ssize_t at, Py_ssize_t end, int radix) noexcept

    @cython.locals(given_up=Py_ssize_t, slot=uint32_t)
    cpdef Py_ssize_t expire(self, int64_t before) except -1

    @cython.locals(i=Py_ssize_t)
    cpdef list kind_counts(self, Py_ssize_t kind)

    @cython.locals(status=Py_ssize_t)
    cpdef dict status_counts(self)


cdef Py_ssize_t after_nul(octets_out p, Py_ssize_t at, Py_ssize_t end) noexcept

cdef Py_ssize_t find_label(octets_out p, Py_ssize_t at, Py_ssize_t end, int first, int last) noexcept

@cython.locals(first=int, second=int)
cdef int state_of(octets_out p, Py_ssize_t at, Py_ssize_t end) noexcept
