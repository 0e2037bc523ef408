"""The words by which a comment is known as a licence header.

Taken from the notices that the licences themselves tell their users to put into files (Apache-2.0, GPL, LGPL and MPL
appendices, the texts of MIT, BSD, ISC, zlib and Boost), from the SPDX specification (`SPDX-License-Identifier`, annex
E) and REUSE (`SPDX-FileCopyrightText`), and from the forms of copyright lines.
"""

from kernels import LicencePhrases

_STRONG = """
spdx-license-identifier|see copyright notice|spdx-filecopyrighttext|spdx-copyrighttext|copyright (c)|copyright ©
copyright 19|copyright 20|copyright: 19|copyright: 20|copyright, 19|copyright, 20|copyright by|(c) 19|(c) 20
© 19|© 20|(c) copyright|© copyright|all rights reserved|licensed under|licenced under|licensed to the apache
under the terms of the|under the terms and conditions|under the mit|under the bsd|under the apache|under the gnu
under the gpl|under the lgpl|under the mozilla|under a mit|under an mit|under a bsd|under the same terms as
under the same license|under the license|under the zlib|under the isc|permission is hereby granted
permission to use, copy, modify|permission is granted to|redistribution and use in source|general public license
mozilla public license|apache license|mit license|bsd license|bsd-style license|isc license
boost software license|eclipse public license|common development and distribution|do what the fuck you want
free software foundation|this is free software|free software; you can|free software: you can
released into the public domain|in the public domain|to the public domain|subject to the terms of the
governed by a bsd|that can be found in the license|see the license file|see license for|see license.|see copying
see the file copying|see the file license|see the copying|license file for|released under the
distributed under the|available under the|covered by the license|governed by the license
creative commons attribution|mit licensed|bsd licensed|dual licensed
"""
_LINE = """
copyright|(c)|©|license:|licence:|@license|@licence|@copyright|:copyright:|:license:|:licence:|copyrights|copr.
spdx-|licensed |licence |portions copyright|all rights reserved|license mit|license bsd|license apache
license gpl
"""
_WEAK = """
you may not use this file|obtain a copy of the license|unless required by applicable law
without warranties or conditions|limitations under the license|without any warranty|without warranty
merchantability|fitness for a particular purpose|received a copy of|along with this program
along with this library|along with this file|the above copyright notice|redistributions of source
redistributions in binary|neither the name of|provided "as is"|provided ``as is|provided 'as-is'|provided as is
be held liable|be liable for any|endorse or promote products|origin of this software must not
altered source versions|this notice may not be removed|this permission notice|copyright notice and this
licenses/|contributor license agreements|notice file distributed with
additional information regarding copyright ownership|the license at|this license
provided that the following conditions|write to the free software|51 franklin st|59 temple place|675 mass ave
as published by the|either version|any later version|gnu.org/licenses|opensource.org/licenses
opensource.org/license|express or implied|for any damages arising|this software is provided
permission is granted|permission notice|to deal in the software|the following conditions|advertising materials
liability|indemnif|mozilla.org/mpl|disclaimer|license terms|the contributors may be used|license text
"""
_OPENERS = """
this file|this program|this software|this library|this code|this source|this work|this package|this project
this module is|this is free|this script is|permission|you may|you can|you should|unless|use of|redistribut
see |licensed|distributed|released|it is|it may|the contents|the above|all code|all files|all source|except|for more
for license|for the full
"""
_DIRECTIVES = """
-*-|vim:|vi:|ex:|coding:|coding=|go:build|+build|eslint|<reference|pylint:|flake8|noqa|syntax=
frozen_string_literal|@flow|@ts-|clang-format|jshint|jslint|shellcheck|sourcemappingurl|istanbul|prettier|mypy:
type: ignore|cython:|distutils:|@jsx
"""
_HINTS = "licen|gpl|copyright|public domain|redistribut|permission|proprietary|unauthori"


def _listed(text: str) -> tuple[str, ...]:
    return tuple(phrase for line in text.strip().split("\n") for phrase in line.split("|"))


PHRASES = LicencePhrases(
    strong=_listed(_STRONG),
    line=_listed(_LINE),
    weak=_listed(_WEAK),
    openers=_listed(_OPENERS),
    directives=_listed(_DIRECTIVES),
    hints=_listed(_HINTS),
)
