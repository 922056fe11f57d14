package io.sparkformer.jobs.transport;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkConf;

/** A key and a certificate for a test's workers, made by the JDK's keytool. */
record TlsKeys(Path store) {
  private static final String PASSWORD = "password";

  static TlsKeys create(Path folder) throws IOException, InterruptedException {
    Path store = folder.resolve("keys.p12");
    Process keytool = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
        "-alias", "worker", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=localhost", "-storetype", "PKCS12", "-keystore",
        store.toString(), "-storepass", PASSWORD, "-keypass", PASSWORD, "-validity", "2")).inheritIO().start();
    if (keytool.waitFor() != 0) {
      throw new IOException("keytool failed");
    }
    return new TlsKeys(store);
  }

  SparkConf settings() {
    return new SparkConf(false).set("spark.authenticate", "true").set("spark.authenticate.secret", "open sesame")
        .set("spark.ssl.rpc.enabled", "true").set("spark.ssl.rpc.protocol", "TLSv1.3")
        .set("spark.ssl.rpc.keyStore", store.toString()).set("spark.ssl.rpc.keyStorePassword", PASSWORD)
        .set("spark.ssl.rpc.keyPassword", PASSWORD).set("spark.ssl.rpc.trustStore", store.toString())
        .set("spark.ssl.rpc.trustStorePassword", PASSWORD);
  }
}
