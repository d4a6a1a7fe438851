# What compiling buys here: a load generator's `submit` costs no more than `link.send_message`.
cimport cython

from smsc.protocol.sessions.link cimport Link
from smsc.protocol.pdu.submit cimport Submit

@cython.final
cdef class EsmeSession(Link):
    cdef public object peer_system_id

    cpdef unsigned int submit(self, Submit row, object token, double now) except? 0
