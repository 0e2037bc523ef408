#include "html_phrases.hpp"

#include <algorithm>

namespace kernels::html {
namespace {

// Beginnings of lines where a "*" ends them, else whole lines, in lower case.
constexpr std::string_view kFillers[] = {
    // English
    "advertisement*", "advertising", "sponsored*", "continue reading*", "read more*", "read also*",
    "read next*", "also read*", "see also:*", "share this*", "share on*", "share", "share:*", "tweet",
    "follow us*", "follow me*", "like us on*", "subscribe*", "sign up*", "sign in*", "log in*",
    "click here to share*", "click to share*", "email this*", "print this*", "print", "email", "skip to*",
    "loading*", "story continues below*", "article continues below*", "scroll down*", "posted in*",
    "posted by*", "posted on*", "filed under*", "tagged*", "tags", "tags:*", "topics:*", "categories:*",
    "category:*", "last updated*", "updated:*", "published:*", "by continuing*", "all rights reserved*",
    "copyright*", "©*", "(c) *", "powered by*", "we use cookies*", "this site uses cookies*",
    "this website uses cookies*", "please enable javascript*", "image source*", "image copyright*",
    "image caption*", "photo:*", "photo by*", "image:*", "view comments*", "show comments*", "no comments*",
    "add a comment*", "related:*", "more on *", "newsletter*", "get the newsletter*", "share this article*",
    "what do you think*",
    // German
    "anzeige*", "- anzeige -*", "werbung", "weiterlesen*", "mehr lesen*", "mehr erfahren*", "mehr dazu*",
    "lesen sie auch*", "lesen sie mehr*", "lesen sie hier*", "auch interessant*", "teilen*", "artikel teilen*",
    "beitrag teilen*", "teile diesen*", "teilen mit*", "drucken*", "gefällt mir*", "veröffentlicht in*",
    "veröffentlicht am*", "schlagwörter*", "schlagworte*", "kategorien*", "kategorie:*", "tags *", "themen:*",
    "foto:*", "bild:*", "newsletter abonnieren*", "jetzt abonnieren*", "folge uns*", "folgen sie uns*",
    "alle rechte vorbehalten*", "zur startseite*", "nach oben*", "startseite", "mehr von*", "vorheriger*",
    "nächster*",
    // French
    "publicité*", "partager*", "lire aussi*", "à lire aussi*", "lire la suite*", "imprimer*", "s'abonner*",
    "abonnez-vous*", "à lire également*", "mots-clés*", "tous droits réservés*",
    // Spanish, Portuguese, Italian
    "publicidad*", "publicidade*", "pubblicità*", "compartir*", "compartilhe*", "compartilhar*", "condividi*",
    "leer más*", "lea también*", "lee también*", "leia mais*", "leia também*", "leggi anche*", "etiquetas*",
    "todos los derechos*", "todos os direitos*", "tutti i diritti*",
    // Dutch, Polish, Czech, Swedish, Danish
    "advertentie*", "delen*", "lees ook*", "lees meer*", "reklama*", "udostępnij*", "czytaj także*",
    "czytaj też*", "zobacz także*", "sdílet*", "přečtěte si*", "läs också*", "läs mer*", "dela", "annons*",
    // Russian, Ukrainian, Greek, Turkish
    "реклама*", "поделиться*", "поділитися*", "читайте также*", "читайте також*", "читать далее*", "теги*",
    "διαβάστε επίσης*", "διαβάστε ακόμα*", "paylaş*",
    // Chinese, Japanese, Korean
    "分享*", "责任编辑*", "シェア*", "공유하기*",
};

// The same for what stands between an article and what else a page has.
constexpr std::string_view kBoundaries[] = {
    // English
    "post a comment*", "comments", "comments (*", "leave a reply*", "leave a comment*", "leave a response*",
    "join the conversation*", "join the discussion*", "related", "related articles*", "related posts*",
    "related stories*", "related content*", "related news*", "related topics*", "related reading*",
    "related links*", "more from*", "more stories*", "more news*", "more articles*", "you may also*",
    "you might also*", "recommended*", "recent posts*", "recent articles*", "latest news*", "latest posts*",
    "latest stories*", "most popular*", "most read*", "popular posts*", "trending*", "top stories*",
    "editor's picks*", "about the author*", "about author*", "next article*", "previous article*", "next post*",
    "previous post*",
    // German
    "kommentare*", "kommentar schreiben*", "kommentar verfassen*", "kommentar hinterlassen*",
    "schreibe einen kommentar*", "schreib einen kommentar*", "einen kommentar schreiben*",
    "hinterlasse einen kommentar*", "hinterlasse eine antwort*", "antwort schreiben*", "diskutieren sie mit*",
    "ihre meinung*", "leserkommentare*", "ähnliche beiträge*", "ähnliche artikel*", "verwandte artikel*",
    "verwandte beiträge*", "verwandte themen*", "weitere artikel*", "weitere beiträge*", "weitere nachrichten*",
    "weitere meldungen*", "weitere themen*", "mehr zum thema*", "zum thema*", "mehr aus*", "das könnte*",
    "dies könnte*", "diese artikel könnten*", "über den autor*", "über die autorin*", "zum autor*",
    "meistgelesen*", "neueste beiträge*", "aktuelle beiträge*", "letzte beiträge*", "schon gelesen*",
    // French
    "commentaires*", "laisser un commentaire*", "articles similaires*", "sur le même sujet*",
    // Spanish, Portuguese, Italian
    "te puede interesar*", "puede interesarte*", "noticias relacionadas*", "notas relacionadas*",
    "artículos relacionados*", "artigos relacionados*", "articoli correlati*", "comentarios*", "comentários*",
    "commenti*", "deja un comentario*", "deja una respuesta*", "deixe um comentário*", "lascia un commento*",
    "más noticias*", "recomendado*",
    // Dutch, Polish, Czech, Swedish, Danish
    "reacties*", "plaats een reactie*", "komentarze*", "dodaj komentarz*", "powiązane artykuły*", "komentáře*",
    "kommentarer*",
    // Russian, Ukrainian, Greek, Turkish
    "комментарии*", "коментарі*", "σχόλια*", "σχετικά άρθρα*", "yorumlar*", "ilgili haberler*",
    // Chinese, Japanese, Korean
    "相关阅读*", "相关新闻*", "相关文章*", "関連記事*", "コメント*", "관련기사*", "댓글*",
};

bool matches(std::string_view line, std::string_view pattern) {
  if (!pattern.ends_with('*')) return line == pattern;
  return line.starts_with(pattern.substr(0, pattern.size() - 1));
}

template <size_t kCount>
bool is_among(std::string_view line, const std::string_view (&patterns)[kCount]) {
  return std::any_of(patterns, patterns + kCount, [line](std::string_view pattern) { return matches(line, pattern); });
}

}  // namespace

Phrase find_phrase(std::string_view line) {
  if (is_among(line, kFillers)) return Phrase::kFiller;
  return is_among(line, kBoundaries) ? Phrase::kBoundary : Phrase::kNone;
}

namespace {

// The lower case of a letter of two bytes, both as in the source, or the letter itself.
void fold_pair(char& lead, char& trail) {
  const uint8_t first = static_cast<uint8_t>(lead), second = static_cast<uint8_t>(trail);
  const auto set = [&](int new_first, int new_second) {
    lead = static_cast<char>(new_first);
    trail = static_cast<char>(new_second);
  };
  if (first == 0xC3 && second >= 0x80 && second <= 0x9E && second != 0x97) set(0xC3, second + 0x20);  // Latin
  if (first == 0xCE && second >= 0x91 && second <= 0x9F) set(0xCE, second + 0x20);                    // Greek
  if (first == 0xCE && second >= 0xA0 && second <= 0xA9) set(0xCF, second - 0x20);
  if (first == 0xD0 && second >= 0x90 && second <= 0x9F) set(0xD0, second + 0x20);  // Cyrillic
  if (first == 0xD0 && second >= 0xA0 && second <= 0xAF) set(0xD1, second - 0x20);
}

}  // namespace

void fold(std::string& line) {
  for (size_t i = 0; i < line.size(); ++i) {
    const uint8_t c = static_cast<uint8_t>(line[i]);
    if (c >= 'A' && c <= 'Z') line[i] = static_cast<char>(c | 0x20);
    if ((c & 0xE0) == 0xC0 && i + 1 < line.size()) {
      fold_pair(line[i], line[i + 1]);
      ++i;
    }
  }
}

}  // namespace kernels::html
