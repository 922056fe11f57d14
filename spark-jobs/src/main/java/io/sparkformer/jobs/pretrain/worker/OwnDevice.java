package io.sparkformer.jobs.pretrain.worker;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.transport.Transport;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The device that a worker computes on is its own: two workers on one would share its speed, and take twice its memory. */
final class OwnDevice {
  private static final long STEP = 0;

  private OwnDevice() {}

  /**
   * Compares with the other workers; all of them call this.
   *
   * @param own name of this worker's device; empty for none
   * @throws InvalidInputException when two workers compute on one device
   */
  static void require(String own, Transport transport) {
    List<String> all = transport.exchange(STEP, "devices of the workers", own.getBytes(StandardCharsets.UTF_8)).stream()
        .map(id -> new String(id, StandardCharsets.UTF_8)).toList();
    for (int rank = 0; rank < all.size(); rank++) {
      int first = all.indexOf(all.get(rank));
      if (!all.get(rank).isEmpty() && first < rank) {
        throw new InvalidInputException(("Workers %d and %d have the same device (%s); set spark.task.resource.gpu.amount=1, so that each "
            + "task has a device of its own, or in local mode train.workers to the number of devices (spark.driver.resource.gpu.amount)")
            .formatted(first, rank, all.get(rank)));
      }
    }
  }
}
