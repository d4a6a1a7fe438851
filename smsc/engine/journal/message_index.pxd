# A shift and a list index per look-up instead of a hash of millions of ids.
cimport cython

from smsc.delivery.message cimport Message


@cython.final
cdef class Block:
    cdef public list items
    cdef public Py_ssize_t used


@cython.final
cdef class MessageIndex:
    cdef public dict blocks
    cdef public object finished, receipts, sizes
    cdef public dict receipt_of
    cdef public Py_ssize_t keep, count
    cdef public long long keep_octets, finished_octets, octets
    cdef public long long last_number
    cdef public Block last_block

    @cython.locals(block=Block, number="long long", there=Message)
    cpdef add(self, Message message)
    @cython.locals(block=Block)
    cpdef Message find(self, long long message_id)
    @cython.locals(block=Block, number="long long", message=Message)
    cpdef drop(self, long long message_id)
    @cython.locals(message=Message, octets=Py_ssize_t)
    cpdef retire(self, long long message_id)
    cpdef retire_receipt(self, Message receipt)
