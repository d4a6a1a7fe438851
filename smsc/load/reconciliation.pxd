# Buys: following a message through response, delivery and receipt costs a few array accesses instead of objects and
# dict entries, so that the generator stays far cheaper than the server it measures.
cimport cython
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t

from smsc.load.histogram cimport Histogram


@cython.final
cdef class Reconciliation:
    cdef readonly int64_t capacity, next_number
    cdef int64_t mask, last
    cdef int64_t[::1] holders, sent, table, receipted_pair, delivered_pair, stats
    cdef uint64_t[::1] keys
    cdef int32_t[::1] pairs
    cdef uint8_t[::1] states
    cdef readonly dict early
    cdef readonly Histogram receipts, deliveries
    cdef int64_t undecided
    cdef readonly int64_t open_receipts, open_deliveries, lost_receipts, lost_deliveries
    cdef readonly int64_t duplicated_receipts, duplicated_deliveries, reordered_receipts, reordered_deliveries
    cdef readonly int64_t arrived, repeated_ids, unmatched_receipts
    cdef public int64_t intermediate, strangers

    @cython.locals(number=int64_t, i=Py_ssize_t)
    cpdef int64_t open(self, int pair, int due, int64_t sent)

    @cython.locals(state=int)
    cpdef void give_up(self, Py_ssize_t i)

    @cython.locals(i=Py_ssize_t, state=int)
    cpdef void accept(self, int64_t number, uint64_t key, int64_t now)

    @cython.locals(i=Py_ssize_t)
    cpdef void refuse(self, int64_t number)

    @cython.locals(number=int64_t)
    cpdef void receipt(self, uint64_t key, int stat, int64_t now)

    @cython.locals(i=Py_ssize_t, pair=Py_ssize_t)
    cpdef void match(self, int64_t number, int stat, int64_t now)

    @cython.locals(i=Py_ssize_t, state=int, pair=Py_ssize_t)
    cpdef void deliver(self, int64_t number, int64_t now)

    cpdef void keep_early(self, uint64_t key, int stat, int64_t now)
    cpdef void match_early(self, uint64_t key, int64_t number)

    cpdef int64_t due(self) noexcept

    @cython.locals(i=Py_ssize_t)
    cpdef void settle(self)

    @cython.locals(mixed=uint64_t)
    cdef int64_t home(self, uint64_t key) noexcept

    @cython.locals(at=int64_t)
    cpdef int64_t find(self, uint64_t key) noexcept

    @cython.locals(at=int64_t)
    cdef void insert(self, uint64_t key, int64_t number) noexcept

    @cython.locals(last=int64_t, hole=int64_t, at=int64_t, home=int64_t)
    cdef void remove(self, uint64_t key) noexcept
