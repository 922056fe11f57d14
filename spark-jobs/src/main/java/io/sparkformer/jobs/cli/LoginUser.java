package io.sparkformer.jobs.cli;

import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.util.VersionInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user as whom Hadoop opens files. It asks the operating system for the user's name; a container may run under a number that has no
 * name, as OpenShift's do, and then Hadoop gives up.
 */
final class LoginUser {
  private static final Logger LOG = LoggerFactory.getLogger(LoginUser.class);
  /** What Hadoop and Spark themselves ask before the operating system. */
  private static final String HADOOP_NAME = "HADOOP_USER_NAME";
  private static final String SPARK_NAME = "SPARK_USER";
  private static final String NAMELESS = "sparkformer";

  private LoginUser() {
  }

  /**
   * Makes sure that Hadoop has a user; to be called before its first file system.
   *
   * @throws IOException if the cluster wants a user who has proved who he is, and there is none
   * @throws InvalidInputException if Hadoop's client does not run on this Java
   */
  static void require() throws IOException {
    try {
      UserGroupInformation.getCurrentUser();
    } catch (UnsupportedOperationException e) {
      throw new InvalidInputException("Hadoop's client " + VersionInfo.getVersion() + " does not run on Java "
          + Runtime.version().feature() + " (" + e.getMessage() + "); set JAVA_HOME to a Java 17 or 21, or put a client from 3.4.3 on into "
          + "Spark's jars", e);
    } catch (IOException e) {
      if (UserGroupInformation.isSecurityEnabled()) {
        throw e;
      }
      String name = name(System.getenv());
      UserGroupInformation.setLoginUser(UserGroupInformation.createRemoteUser(name));
      LOG.info("the operating system has no name for this user: Hadoop will call it {} ({} sets another)", name, HADOOP_NAME);
      LOG.debug("what Hadoop said", e);
    }
  }

  static String name(Map<String, String> environment) {
    return environment.getOrDefault(HADOOP_NAME, environment.getOrDefault(SPARK_NAME, NAMELESS));
  }
}
