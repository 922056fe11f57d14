/** Tests of the settings: keys, types, ranges, messages, and every file in conf/. */
package io.sparkformer.jobs.config;
