# A turn is a dozen calls from C to C instead of as many Python calls.
cimport cython

from smsc.engine.scheduler cimport Scheduler
from smsc.engine.mt.alerts cimport Alerts
from smsc.engine.journal.commit cimport Commit, Group
from smsc.engine.mt.delivery cimport Delivery
from smsc.engine.mt.queues cimport Queues
from smsc.engine.mt.responses cimport Responses
from smsc.engine.after_commit cimport AfterCommit
from smsc.engine.mo.submission cimport Submission
from smsc.protocol.sessions.session cimport Session
from smsc.protocol.pdu.submit cimport Acks, SubmitBatch


cdef class Tick:
    cdef public object clock, nodes, rare, services, stamp, world
    cdef public Commit commit
    cdef public Delivery delivery
    cdef public Queues queues
    cdef public Responses responses
    cdef public Submission submission
    cdef public Scheduler scheduler
    cdef public Alerts alerts
    cdef public AfterCommit after_commit
    cdef public long long commits_total, store_errors
    cdef public str store_failing

    @cython.locals(now="long long")
    cpdef long long set_time(self, double link_now) except? 0
    cpdef received(self, Session session, bytes data, double link_now)
    cpdef digest(self, Session session)
    cpdef turn_over(self)
    cpdef group_done(self, Group group, error)
    @cython.locals(due="long long", service="long long", number="long long")
    cpdef long long next_due(self) except? -1
