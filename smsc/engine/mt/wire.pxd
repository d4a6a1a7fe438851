# Writing a deliver_sm is one call from C to C.
cimport cython

from smsc.delivery.message cimport Message
from smsc.engine.binds.bindings cimport Bind
from smsc.protocol.pdu.submit cimport Submit

cdef int PAYLOAD, UDHI, _ALPHANUMERIC, _INTERNATIONAL, _ISDN, _NOT_THE_MODE, _HIGHEST, _ACKNOWLEDGEMENTS, _LONGEST_SENDER
cdef long long _FIRST_OF_EIGHT, _BEHIND_EIGHT, _FIRST_M2M, _LAST_M2M


@cython.final
cdef class Wire:
    cdef public Submit row
    cdef public list dirty

    cpdef mark(self, Bind bind)
    @cython.locals(row=Submit, key="long long", length=int)
    cpdef transmit(self, Bind bind, Message message, double link_now)
    cpdef pack(self, Bind bind)
    @cython.locals(row=Submit)
    cpdef lay_out_part(self, Message message)


@cython.locals(length=int, bound="long long")
cpdef int shown_length(long long key) noexcept
@cython.locals(prefix="long long")
cdef long long national_number(long long key) noexcept
