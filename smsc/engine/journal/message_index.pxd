# A shift and a list index per look-up instead of a hash of millions of ids.
cimport cython

from smsc.by_number cimport ByNumber
from smsc.delivery.message cimport Message

cdef Py_ssize_t _AT_FIRST


@cython.final
cdef class Block:
    cdef public list items
    cdef public Py_ssize_t used


@cython.final
cdef class Line:
    cdef long long[::1] _items
    cdef Py_ssize_t _first
    cdef public Py_ssize_t count

    cpdef push(self, long long number)
    @cython.locals(number="long long")
    cpdef long long take(self)
    @cython.locals(before="long long[::1]", first=Py_ssize_t, place=Py_ssize_t)
    cdef _grow(self)


@cython.final
cdef class MessageIndex:
    cdef public dict blocks
    cdef public Line finished, sizes, receipt_line
    cdef public ByNumber receipts, receipt_of
    cdef public Py_ssize_t keep, count, most_receipts
    cdef public long long keep_octets, finished_octets, octets
    cdef public long long last_number
    cdef public Block last_block

    @cython.locals(block=Block, number="long long", there=Message)
    cpdef add(self, Message message)
    @cython.locals(block=Block)
    cpdef Message find(self, long long message_id)
    @cython.locals(block=Block, number="long long", message=Message)
    cpdef drop(self, long long message_id)
    cpdef retire(self, Message message)
    cpdef forget_oldest(self)
    cpdef retire_receipt(self, Message receipt)
    @cython.locals(receipt=Message)
    cpdef forget_receipt(self, long long receipt_id)
