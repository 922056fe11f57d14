package io.sparkformer.jobs;
