package io.sparkformer.jobs.pretrain.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.transport.WirePrecision;
import io.sparkformer.jobs.transport.WorkerThreads;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnDeviceTest {
  private static List<String> messages(String... devices) throws InterruptedException {
    return WorkerThreads.results(WorkerThreads.Link.MEMORY, WirePrecision.FLOAT32, devices.length, transport -> {
      try {
        OwnDevice.require(devices[transport.rank()], transport);
        return "fine";
      } catch (InvalidInputException e) {
        return e.getMessage();
      }
    });
  }

  @Test
  void eachWorkerHasADeviceOfItsOwnOrNone() throws Exception {
    assertThat(messages("a", "b", "c")).containsOnly("fine");
    assertThat(messages("", "b", "")).containsOnly("fine");
    assertThat(messages("a", "b", "b")).containsOnly("Workers 1 and 2 have the same device (b); set spark.task.resource.gpu.amount=1, so "
        + "that each task has a device of its own, or in local mode train.workers to the number of devices "
        + "(spark.driver.resource.gpu.amount)");
  }
}
