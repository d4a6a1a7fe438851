import java.util.concurrent.atomic.AtomicLong;
import org.jsmpp.bean.*;
import org.jsmpp.extra.ProcessRequestException;
import org.jsmpp.session.*;
import org.jsmpp.util.MessageId;

/** The server of jSMPP's own examples: one listener, each session bound in a thread, every submit_sm accepted. */
public class Server implements ServerMessageReceiverListener {
    private final AtomicLong number = new AtomicLong();

    public static void main(String[] args) throws Exception {
        SMPPServerSessionListener listener = new SMPPServerSessionListener(Integer.parseInt(args[0]));
        listener.setMessageReceiverListener(new Server());
        System.out.println("ready smpp=127.0.0.1:" + args[0]);
        while (true) {
            SMPPServerSession session = listener.accept();
            new Thread(() -> {
                try {
                    session.waitForBind(5000).accept("jsmpp");
                } catch (Exception error) {
                    session.close();
                }
            }).start();
        }
    }

    @Override
    public SubmitSmResult onAcceptSubmitSm(SubmitSm submit, SMPPServerSession session) throws ProcessRequestException {
        try {
            return new SubmitSmResult(new MessageId(Long.toString(number.incrementAndGet())), new OptionalParameter[0]);
        } catch (org.jsmpp.PDUStringException error) {
            throw new ProcessRequestException(error.getMessage(), 8);
        }
    }

    private static ProcessRequestException unsupported() {
        return new ProcessRequestException("not supported", 3);
    }

    @Override
    public SubmitMultiResult onAcceptSubmitMulti(SubmitMulti pdu, SMPPServerSession session) throws ProcessRequestException {
        throw unsupported();
    }

    @Override
    public QuerySmResult onAcceptQuerySm(QuerySm pdu, SMPPServerSession session) throws ProcessRequestException {
        throw unsupported();
    }

    @Override
    public void onAcceptReplaceSm(ReplaceSm pdu, SMPPServerSession session) throws ProcessRequestException {
        throw unsupported();
    }

    @Override
    public void onAcceptCancelSm(CancelSm pdu, SMPPServerSession session) throws ProcessRequestException {
        throw unsupported();
    }

    @Override
    public BroadcastSmResult onAcceptBroadcastSm(BroadcastSm pdu, SMPPServerSession session) throws ProcessRequestException {
        throw unsupported();
    }

    @Override
    public void onAcceptCancelBroadcastSm(CancelBroadcastSm pdu, SMPPServerSession session) throws ProcessRequestException {
        throw unsupported();
    }

    @Override
    public QueryBroadcastSmResult onAcceptQueryBroadcastSm(QueryBroadcastSm pdu, SMPPServerSession session)
            throws ProcessRequestException {
        throw unsupported();
    }

    @Override
    public DataSmResult onAcceptDataSm(DataSm pdu, Session session) throws ProcessRequestException {
        throw unsupported();
    }
}
