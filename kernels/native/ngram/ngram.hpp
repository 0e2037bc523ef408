// The Python class of the n-gram estimator.
#pragma once

#include <nanobind/nanobind.h>

void register_ngram(nanobind::module_& module);
