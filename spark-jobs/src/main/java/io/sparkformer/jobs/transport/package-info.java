/**
 * How ranges of the flat gradient and of the flat parameters travel between the workers of one run.
 *
 * <p>Comes in: a worker's flat arrays ({@link io.sparkformer.jobs.transport.FlatArrays}), which ranges of them are ready, and short
 * messages, each for a step. Goes out: the same at the other workers, or a {@link io.sparkformer.jobs.transport.TransportException} that
 * names the rank, the step and what was waited for. Nothing is known here of optimizers; that is
 * {@code io.sparkformer.jobs.parameterserver}.
 *
 * <p>Read {@link io.sparkformer.jobs.transport.Transport} first, then {@link io.sparkformer.jobs.transport.WorkerTransport}, which hands
 * ranges over by reference between threads of one JVM and through sockets to the others. Then the way of a chunk:
 * {@code RemotePeers} (the connections), {@code Outbox} (what leaves, and how much at a time), {@code FrameGuard} (what is let in),
 * {@code Receiver} and {@code Incoming} (where it goes), {@code WorkerGroup} (where a worker waits for it).
 *
 * <h2>Rules</h2>
 * <ul>
 * <li>A range that is pushed, published or pulled is named by its place in the flat array.
 * <li>Pushed memory must not change until {@code awaitPushed} returns; published memory must not change until every worker has pushed for
 * the next step, which no worker does before it has pulled.
 * <li>What an owner publishes for a step may be stored at the other workers as soon as they have exchanged a message for that step; no
 * owner publishes before.
 * <li>No worker pushes for a step before every owner has closed the contributions of the one before.
 * <li>With bfloat16, what is pushed is rounded in place, also where its owner is in the same JVM or the worker itself: a sum does
 * not depend on which workers share a process. It is packed into the memory of the gradient, and unpacked through one tile for each
 * sender; an owner keeps two bytes for each parameter of its slice, the {@link io.sparkformer.jobs.transport.RoundedChanges}.
 * <li>Every wait has a deadline, and a listener is called during a long one ({@code Patience}). A worker that fails tells the
 * others with {@code abort}, and all waits end at once; so they do when a connection is lost.
 * </ul>
 *
 * <h2>On the wire</h2>
 * Every worker opens one connection to every worker of another JVM and sends on it; authentication and encryption are Spark's
 * ({@link io.sparkformer.jobs.transport.SocketSettings}). Each frame is an upload of Spark's network protocol: its meta part is the header,
 * its body goes as it arrives into the memory of the flat array (parameters) or into memory made for the sender once (gradients).
 * Elements travel as float32 or as bfloat16 ({@link io.sparkformer.jobs.transport.WirePrecision}), the same for all workers: each names its
 * precision when they meet, before any connection, and a chunk whose length does not fit its number of elements is refused.
 * Spark's answer to the upload is the acknowledgement. A connection is closed at the first frame that does not belong: another run or
 * attempt, a wrong length, a range outside of the slice, an element that arrived before.
 *
 * <p>Header, 68 bytes, big-endian: magic {@code 53504b46} (4), version 1 (2), kind (2: 0 gradient, 1 parameters, 2 message, 3 ready,
 * 4 abort, 5 leave), run: name-based UUID of its id (16), attempt (4), rank of the sender (4), rank of the receiver (4), step (8),
 * first element (8), end element (8), body length in bytes (4), CRC-32C of all before (4).
 *
 * <p>Body: of kinds 0 and 1 the elements, little-endian, as float32, or as bfloat16, and then of kind 1 the changes that the receiver adds
 * to its parameters; of a message the length of its name (2), the name in UTF-8, then the
 * message; of an abort its reason in UTF-8; of the others nothing.
 */
package io.sparkformer.jobs.transport;
