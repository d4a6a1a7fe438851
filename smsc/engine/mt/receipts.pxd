# Filling the receipt's message without Python attribute look-ups.
cimport cython

from smsc.delivery.message cimport Message

cdef int ENROUTE, RECEIPT, TYPE_INTERMEDIATE, TYPE_RECEIPT, UDHI, USER_MESSAGE_REFERENCE, _DEFAULT_ALPHABET, _QUOTED, _ESCAPE


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
    cdef public list errors, network_errors, lengths
    cdef public dict common, dialects
    cdef public tuple last, last_parts
    cdef public bytes came, ended, text
    cdef public int last_key

    cpdef Message receipt(self, Message message, long long now)
    cpdef Message intermediate(self, Message message, int cause, long long now)
    @cython.locals(made=Message, number="long long", ident=bytes, tlvs=bytes, reference=bytes, parts=tuple)
    cpdef Message build(self, Message message, int state, int cause, long long now, int esm_class)
    @cython.locals(came=bytes, ended=bytes)
    cpdef bytes between(self, tuple parts, Message message, long long now)
    @cython.locals(key=int, parts=tuple)
    cpdef tuple parts_of(self, int state, int cause)
    @cython.locals(body=bytes)
    cpdef bytes quoted(self, Message message)
