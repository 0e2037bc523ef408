// The numbers that decide what is main content, found by trial on pages whose content people had marked.
#pragma once

#include <cstdint>

namespace kernels::html {

inline constexpr uint32_t kShortestProse = 40;  // characters

struct Weights {
  float link_block = 20.0f;
  float link_block_most = 100.0f;
  float short_line = 40.0f;
  float short_line_loss = 4.0f;
  float prose_offset = 20.0f;
  float sentence_factor = 1.2f;
  float paragraph_factor = 1.2f;
  float block_most = 800.0f;
  float suspect_factor = 0.5f;
  float body_factor = 1.5f;
  float part_factor = 1.2f;
  float large_share = 0.5f;
  float comments_share = 0.9f;
  float byline_most = 120.0f;
  float suspect_links = 0.3f;
  float caption_most = 200.0f;
  float form_gain = 200.0f;
  float header_most = 150.0f;
  float container_links = 0.6f;
  float container_stops = 2.0f;
  float paragraph_links = 0.7f;
  float paragraph_most = 100.0f;
  float phrase_most = 80.0f;
  float boundary_share = 0.4f;
  float edge_prose = 60.0f;
  float edge_links = 0.3f;
  float leading_most = 30.0f;
  float trailing_most = 45.0f;
  float article_share = 0.3f;
  float whole_share = 0.8f;
  float body_bonus = 200.0f;
  float article_bonus = 100.0f;
  float most_share = 0.6f;
  float enough = 100.0f;
  float suspect_prose = 0.05f;
  float own_share = 0.15f;
  float title_share = 0.95f;
};

inline constexpr Weights kWeights;

}  // namespace kernels::html
