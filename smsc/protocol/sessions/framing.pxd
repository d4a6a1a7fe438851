# What compiling buys here: finding a PDU's length and id costs nanoseconds, and `link` reaches the buffer without a look-up.
cimport cython

from smsc.protocol.pdu.submit cimport octets, octets_out

cdef Py_ssize_t KEPT, CHUNKS


cdef class Framing:
    cdef public Py_ssize_t max_pdu
    cdef public double now, arrived_at
    cdef public bint ended
    cdef public bytes buffer
    cdef public Py_ssize_t position, end, chunk_octets
    cdef public long long octets_in
    cdef public list chunks
    cdef public unsigned int command
    cdef public bytearray out
    cdef public Py_ssize_t out_length

    cpdef receive_data(self, bytes data, double now)

    @cython.locals(p=octets, at=Py_ssize_t, left=Py_ssize_t, length=Py_ssize_t)
    cdef Py_ssize_t frame(self) except -2

    @cython.locals(need=Py_ssize_t)
    cdef int reserve(self, Py_ssize_t size) except -1

    cpdef send(self, bytes octets)

    @cython.locals(p=octets_out)
    cpdef bytes data_to_send(self)
