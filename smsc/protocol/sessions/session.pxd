# What compiling buys here: engine and server read a session's fields and call the link's methods from C to C.
cimport cython

from smsc.protocol.sessions.link cimport Link
from smsc.protocol.pdu.submit cimport Submit

@cython.final
cdef class Session(Link):
    cdef Submit draft
    cdef public bint tolerates_nul

    @cython.locals(row=Submit)
    cpdef unsigned int deliver(
        self,
        int source_ton,
        int source_npi,
        long long source,
        int source_length,
        bytes source_text,
        int dest_ton,
        int dest_npi,
        long long dest,
        int dest_length,
        bytes dest_text,
        bytes service_type,
        int esm_class,
        int protocol_id,
        int priority,
        int registered_delivery,
        int data_coding,
        bytes body,
        bint payload,
        bytes tlvs,
        object token,
        double now,
    ) except? 0
