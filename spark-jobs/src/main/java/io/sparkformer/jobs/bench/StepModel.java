package io.sparkformer.jobs.bench;

/**
 * Predicts the time of a training step on other networks.
 *
 * <p>Every worker sends, and receives, 2 * P * (W - 1) / W elements: half of it gradients, half of it parameters. Links are full duplex,
 * one for each worker. Both halves are sent during the network's passes, except for what can only be sent when these are over: of the
 * gradients the embedding, which the backward pass finishes last, and of the parameters the embedding again, which the forward pass needs
 * first. Between the passes every owner adds up and updates P / W parameters. Messages cost their latency, for every other worker once.
 *
 * @param parameters P
 * @param embeddingParameters of them in the embedding
 * @param computeSeconds forward and backward pass of a worker's share
 * @param updateSeconds Adam and the norm, of one parameter
 * @param contributionSeconds adding one more worker's contribution to one parameter
 * @param elementBytes of an element that travels
 * @param networkSeconds work of a core for one byte that is sent or received
 */
record StepModel(long parameters, long embeddingParameters, double computeSeconds, double updateSeconds, double contributionSeconds,
    int elementBytes, double networkSeconds) {
  /** The forward pass's part of the passes' time. */
  private static final double FORWARD_SHARE = 1.0 / 3;
  private static final double SECONDS_PER_MESSAGE = 50e-6;
  /** Of totals, and of the wish to stop. */
  private static final int EXCHANGES = 2;

  /** Bytes that each worker sends, and as many that it receives. */
  static double bytesPerWorker(double parameters, int workers, int elementBytes) {
    return 2 * parameters * (workers - 1) / workers * elementBytes;
  }

  /** The average-and-update step of workers that share one JVM and its cores. */
  static double oneJvmSeconds(long parameters, int workers, int cores, double updateSeconds, double contributionSeconds) {
    return parameters * (updateSeconds + (workers - 1) * contributionSeconds) / Math.min(workers, cores);
  }

  /** Seconds in which gradients and parameters travel. */
  double transferSeconds(int workers, double bitsPerSecond) {
    return bytesPerWorker(parameters, workers, elementBytes) * Byte.SIZE / bitsPerSecond;
  }

  /** Of them, seconds in which a worker waits. */
  double exposedSeconds(int workers, double bitsPerSecond) {
    double half = transferSeconds(workers, bitsPerSecond) / 2;
    double embedding = half * embeddingParameters / parameters;
    double rest = half - embedding;
    double gradients = embedding + Math.max(0, rest - (1 - FORWARD_SHARE) * computeSeconds);
    double values = embedding + Math.max(0, rest - FORWARD_SHARE * computeSeconds);
    return gradients + values + EXCHANGES * (workers - 1) * SECONDS_PER_MESSAGE;
  }

  /** Work of a worker on what it owns, and on the network. */
  double exchangeSeconds(int workers) {
    return parameters / (double) workers * (updateSeconds + (workers - 1) * contributionSeconds)
        + 2 * bytesPerWorker(parameters, workers, elementBytes) * networkSeconds;
  }

  /** A whole training step. */
  double stepSeconds(int workers, double bitsPerSecond) {
    return computeSeconds + exchangeSeconds(workers) + (workers == 1 ? 0 : exposedSeconds(workers, bitsPerSecond));
  }
}
