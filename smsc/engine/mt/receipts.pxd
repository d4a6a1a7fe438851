# Filling the receipt's message without Python attribute look-ups.
cimport cython

from smsc.delivery.message cimport Message, new_message
from smsc.protocol.pdu cimport copying
from smsc.protocol.pdu.submit cimport find_tlv, octets, octets_out, put_number

cdef int ENROUTE, RECEIPT, TYPE_INTERMEDIATE, TYPE_RECEIPT, UDHI, USER_MESSAGE_REFERENCE, _DEFAULT_ALPHABET, _QUOTED, _ESCAPE, _NUMBERS


@cython.final
cdef class LocalTime:
    cdef public object zone
    cdef public long long minute, before_minute
    cdef public bytes text, before_text

    @cython.locals(minute="long long")
    cpdef bytes stamp(self, long long at)


@cython.final
cdef class ReceiptMaker:
    cdef public LocalTime local
    cdef public long long validity
    cdef public list errors, network_errors
    cdef public bytearray buffer
    cdef public dict common, dialects
    cdef public tuple last, last_parts
    cdef public bytes came, ended, text
    cdef public int last_key

    cpdef Message receipt(self, Message message, long long now)
    cpdef Message intermediate(self, Message message, int cause, long long now)
    @cython.locals(made=Message, number="long long")
    cpdef Message build(self, Message message, int state, int cause, long long now, int esm_class)
    @cython.locals(between=bytes, quoted=bytes, reference=bytes, wanted=Py_ssize_t, end=Py_ssize_t, out=octets_out)
    cdef write(self, Message made, Message message, long long number, tuple parts, long long now)
    @cython.locals(came=bytes, ended=bytes)
    cpdef bytes between(self, tuple parts, Message message, long long now)
    @cython.locals(key=int, parts=tuple)
    cpdef tuple parts_of(self, int state, int cause)
    @cython.locals(body=bytes, p=octets)
    cpdef bytes quoted(self, Message message)
