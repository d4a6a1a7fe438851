# What compiling buys here: engine and server read a session's fields and call the link's methods from C to C.
cimport cython

from smsc.protocol.sessions.link cimport Link

@cython.final
cdef class Session(Link):
    cdef public bint tolerates_nul
