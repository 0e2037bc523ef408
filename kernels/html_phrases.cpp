#include "html_phrases.hpp"

#include <algorithm>
#include <iterator>

namespace kernels::html {
namespace {

struct Known {
  std::string_view text;  // a final "*" stands for anything
  Phrase phrase;
};

constexpr Known kKnown[] = {
    // English
    {"advertisement*", Phrase::kFiller}, {"advertising", Phrase::kFiller}, {"sponsored*", Phrase::kFiller}, {"continue reading*", Phrase::kFiller},
    {"read more*", Phrase::kFiller}, {"read also*", Phrase::kFiller}, {"read next*", Phrase::kFiller}, {"also read*", Phrase::kFiller}, {"see also:*", Phrase::kFiller},
    {"share this*", Phrase::kFiller}, {"share on*", Phrase::kFiller}, {"share", Phrase::kFiller}, {"share:*", Phrase::kFiller}, {"tweet", Phrase::kFiller},
    {"follow us*", Phrase::kFiller}, {"follow me*", Phrase::kFiller}, {"like us on*", Phrase::kFiller}, {"subscribe*", Phrase::kFiller}, {"sign up*", Phrase::kFiller},
    {"sign in*", Phrase::kFiller}, {"log in*", Phrase::kFiller}, {"click here to share*", Phrase::kFiller}, {"click to share*", Phrase::kFiller},
    {"email this*", Phrase::kFiller}, {"print this*", Phrase::kFiller}, {"print", Phrase::kFiller}, {"email", Phrase::kFiller}, {"skip to*", Phrase::kFiller},
    {"loading*", Phrase::kFiller}, {"story continues below*", Phrase::kFiller}, {"article continues below*", Phrase::kFiller}, {"scroll down*", Phrase::kFiller},
    {"posted in*", Phrase::kFiller}, {"posted by*", Phrase::kFiller}, {"posted on*", Phrase::kFiller}, {"filed under*", Phrase::kFiller}, {"tagged*", Phrase::kFiller},
    {"tags", Phrase::kFiller}, {"tags:*", Phrase::kFiller}, {"topics:*", Phrase::kFiller}, {"categories:*", Phrase::kFiller}, {"category:*", Phrase::kFiller},
    {"last updated*", Phrase::kFiller}, {"updated:*", Phrase::kFiller}, {"published:*", Phrase::kFiller}, {"by continuing*", Phrase::kFiller},
    {"all rights reserved*", Phrase::kFiller}, {"copyright*", Phrase::kFiller}, {"©*", Phrase::kFiller}, {"(c) *", Phrase::kFiller}, {"powered by*", Phrase::kFiller},
    {"we use cookies*", Phrase::kFiller}, {"this site uses cookies*", Phrase::kFiller}, {"this website uses cookies*", Phrase::kFiller}, {"please enable javascript*", Phrase::kFiller},
    {"image source*", Phrase::kFiller}, {"image copyright*", Phrase::kFiller}, {"image caption*", Phrase::kFiller}, {"photo:*", Phrase::kFiller}, {"photo by*", Phrase::kFiller}, {"image:*", Phrase::kFiller},
    {"view comments*", Phrase::kFiller}, {"show comments*", Phrase::kFiller}, {"no comments*", Phrase::kFiller}, {"add a comment*", Phrase::kFiller}, {"post a comment*", Phrase::kBoundary},
    {"comments", Phrase::kBoundary}, {"comments (*", Phrase::kBoundary}, {"leave a reply*", Phrase::kBoundary}, {"leave a comment*", Phrase::kBoundary}, {"leave a response*", Phrase::kBoundary},
    {"join the conversation*", Phrase::kBoundary}, {"join the discussion*", Phrase::kBoundary}, {"related", Phrase::kBoundary}, {"related:*", Phrase::kFiller}, {"related articles*", Phrase::kBoundary}, {"related posts*", Phrase::kBoundary},
    {"related stories*", Phrase::kBoundary}, {"related content*", Phrase::kBoundary}, {"related news*", Phrase::kBoundary}, {"related topics*", Phrase::kBoundary}, {"related reading*", Phrase::kBoundary}, {"related links*", Phrase::kBoundary},
    {"more from*", Phrase::kBoundary}, {"more on *", Phrase::kFiller}, {"more stories*", Phrase::kBoundary}, {"more news*", Phrase::kBoundary}, {"more articles*", Phrase::kBoundary}, {"you may also*", Phrase::kBoundary},
    {"you might also*", Phrase::kBoundary}, {"recommended*", Phrase::kBoundary}, {"recent posts*", Phrase::kBoundary}, {"recent articles*", Phrase::kBoundary}, {"latest news*", Phrase::kBoundary}, {"latest posts*", Phrase::kBoundary}, {"latest stories*", Phrase::kBoundary},
    {"most popular*", Phrase::kBoundary}, {"most read*", Phrase::kBoundary}, {"popular posts*", Phrase::kBoundary}, {"trending*", Phrase::kBoundary}, {"top stories*", Phrase::kBoundary}, {"editor's picks*", Phrase::kBoundary},
    {"about the author*", Phrase::kBoundary}, {"about author*", Phrase::kBoundary}, {"next article*", Phrase::kBoundary}, {"previous article*", Phrase::kBoundary}, {"next post*", Phrase::kBoundary}, {"previous post*", Phrase::kBoundary},
    {"newsletter*", Phrase::kFiller}, {"get the newsletter*", Phrase::kFiller}, {"share this article*", Phrase::kFiller}, {"what do you think*", Phrase::kFiller}, {"follow *on twitter*", Phrase::kFiller},
    // German
    {"anzeige*", Phrase::kFiller}, {"- anzeige -*", Phrase::kFiller}, {"werbung", Phrase::kFiller}, {"weiterlesen*", Phrase::kFiller}, {"mehr lesen*", Phrase::kFiller}, {"mehr erfahren*", Phrase::kFiller}, {"mehr dazu*", Phrase::kFiller}, {"lesen sie auch*", Phrase::kFiller}, {"lesen sie mehr*", Phrase::kFiller},
    {"lesen sie hier*", Phrase::kFiller}, {"auch interessant*", Phrase::kFiller}, {"teilen*", Phrase::kFiller}, {"artikel teilen*", Phrase::kFiller}, {"beitrag teilen*", Phrase::kFiller}, {"teile diesen*", Phrase::kFiller}, {"teilen mit*", Phrase::kFiller}, {"drucken*", Phrase::kFiller}, {"gefällt mir*", Phrase::kFiller},
    {"veröffentlicht in*", Phrase::kFiller}, {"veröffentlicht am*", Phrase::kFiller}, {"schlagwörter*", Phrase::kFiller}, {"schlagworte*", Phrase::kFiller}, {"kategorien*", Phrase::kFiller}, {"kategorie:*", Phrase::kFiller}, {"tags *", Phrase::kFiller}, {"themen:*", Phrase::kFiller}, {"foto:*", Phrase::kFiller}, {"bild:*", Phrase::kFiller}, {"quelle:*", Phrase::kNone},
    {"newsletter abonnieren*", Phrase::kFiller}, {"jetzt abonnieren*", Phrase::kFiller}, {"folge uns*", Phrase::kFiller}, {"folgen sie uns*", Phrase::kFiller}, {"alle rechte vorbehalten*", Phrase::kFiller}, {"zur startseite*", Phrase::kFiller}, {"nach oben*", Phrase::kFiller}, {"startseite", Phrase::kFiller},
    {"kommentare*", Phrase::kBoundary}, {"kommentar schreiben*", Phrase::kBoundary}, {"kommentar verfassen*", Phrase::kBoundary}, {"kommentar hinterlassen*", Phrase::kBoundary}, {"schreibe einen kommentar*", Phrase::kBoundary}, {"schreib einen kommentar*", Phrase::kBoundary}, {"einen kommentar schreiben*", Phrase::kBoundary}, {"hinterlasse einen kommentar*", Phrase::kBoundary}, {"hinterlasse eine antwort*", Phrase::kBoundary}, {"antwort schreiben*", Phrase::kBoundary}, {"diskutieren sie mit*", Phrase::kBoundary}, {"ihre meinung*", Phrase::kBoundary}, {"leserkommentare*", Phrase::kBoundary},
    {"ähnliche beiträge*", Phrase::kBoundary}, {"ähnliche artikel*", Phrase::kBoundary}, {"verwandte artikel*", Phrase::kBoundary}, {"verwandte beiträge*", Phrase::kBoundary}, {"verwandte themen*", Phrase::kBoundary}, {"weitere artikel*", Phrase::kBoundary}, {"weitere beiträge*", Phrase::kBoundary}, {"weitere nachrichten*", Phrase::kBoundary}, {"weitere meldungen*", Phrase::kBoundary}, {"weitere themen*", Phrase::kBoundary}, {"mehr zum thema*", Phrase::kBoundary}, {"zum thema*", Phrase::kBoundary}, {"mehr aus*", Phrase::kBoundary}, {"mehr von*", Phrase::kFiller}, {"das könnte*", Phrase::kBoundary}, {"dies könnte*", Phrase::kBoundary}, {"diese artikel könnten*", Phrase::kBoundary}, {"über den autor*", Phrase::kBoundary}, {"über die autorin*", Phrase::kBoundary}, {"zum autor*", Phrase::kBoundary}, {"meistgelesen*", Phrase::kBoundary}, {"neueste beiträge*", Phrase::kBoundary}, {"aktuelle beiträge*", Phrase::kBoundary}, {"letzte beiträge*", Phrase::kBoundary}, {"schon gelesen*", Phrase::kBoundary}, {"vorheriger*", Phrase::kFiller}, {"nächster*", Phrase::kFiller},
    // French
    {"publicité*", Phrase::kFiller}, {"partager*", Phrase::kFiller}, {"lire aussi*", Phrase::kFiller}, {"à lire aussi*", Phrase::kFiller}, {"lire la suite*", Phrase::kFiller}, {"imprimer*", Phrase::kFiller}, {"s'abonner*", Phrase::kFiller}, {"abonnez-vous*", Phrase::kFiller}, {"commentaires*", Phrase::kBoundary}, {"laisser un commentaire*", Phrase::kBoundary}, {"articles similaires*", Phrase::kBoundary}, {"sur le même sujet*", Phrase::kBoundary}, {"à lire également*", Phrase::kFiller}, {"mots-clés*", Phrase::kFiller}, {"tous droits réservés*", Phrase::kFiller},
    // Spanish, Portuguese, Italian
    {"publicidad*", Phrase::kFiller}, {"publicidade*", Phrase::kFiller}, {"pubblicità*", Phrase::kFiller}, {"compartir*", Phrase::kFiller}, {"compartilhe*", Phrase::kFiller}, {"compartilhar*", Phrase::kFiller}, {"condividi*", Phrase::kFiller}, {"leer más*", Phrase::kFiller}, {"lea también*", Phrase::kFiller}, {"lee también*", Phrase::kFiller}, {"leia mais*", Phrase::kFiller}, {"leia também*", Phrase::kFiller}, {"leggi anche*", Phrase::kFiller}, {"te puede interesar*", Phrase::kBoundary}, {"puede interesarte*", Phrase::kBoundary}, {"noticias relacionadas*", Phrase::kBoundary}, {"notas relacionadas*", Phrase::kBoundary}, {"artículos relacionados*", Phrase::kBoundary}, {"artigos relacionados*", Phrase::kBoundary}, {"articoli correlati*", Phrase::kBoundary}, {"comentarios*", Phrase::kBoundary}, {"comentários*", Phrase::kBoundary}, {"commenti*", Phrase::kBoundary}, {"deja un comentario*", Phrase::kBoundary}, {"deja una respuesta*", Phrase::kBoundary}, {"deixe um comentário*", Phrase::kBoundary}, {"lascia un commento*", Phrase::kBoundary}, {"etiquetas*", Phrase::kFiller}, {"todos los derechos*", Phrase::kFiller}, {"todos os direitos*", Phrase::kFiller}, {"tutti i diritti*", Phrase::kFiller}, {"más noticias*", Phrase::kBoundary}, {"recomendado*", Phrase::kBoundary},
    // Dutch, Polish, Czech, Swedish, Danish
    {"advertentie*", Phrase::kFiller}, {"delen*", Phrase::kFiller}, {"lees ook*", Phrase::kFiller}, {"lees meer*", Phrase::kFiller}, {"reacties*", Phrase::kBoundary}, {"plaats een reactie*", Phrase::kBoundary}, {"reklama*", Phrase::kFiller}, {"udostępnij*", Phrase::kFiller}, {"czytaj także*", Phrase::kFiller}, {"czytaj też*", Phrase::kFiller}, {"zobacz także*", Phrase::kFiller}, {"komentarze*", Phrase::kBoundary}, {"dodaj komentarz*", Phrase::kBoundary}, {"powiązane artykuły*", Phrase::kBoundary}, {"sdílet*", Phrase::kFiller}, {"komentáře*", Phrase::kBoundary}, {"přečtěte si*", Phrase::kFiller}, {"läs också*", Phrase::kFiller}, {"läs mer*", Phrase::kFiller}, {"dela", Phrase::kFiller}, {"annons*", Phrase::kFiller}, {"kommentarer*", Phrase::kBoundary},
    // Russian, Ukrainian, Greek, Turkish
    {"реклама*", Phrase::kFiller}, {"поделиться*", Phrase::kFiller}, {"поділитися*", Phrase::kFiller}, {"читайте также*", Phrase::kFiller}, {"читайте також*", Phrase::kFiller}, {"читать далее*", Phrase::kFiller}, {"комментарии*", Phrase::kBoundary}, {"коментарі*", Phrase::kBoundary}, {"теги*", Phrase::kFiller}, {"διαβάστε επίσης*", Phrase::kFiller}, {"διαβάστε ακόμα*", Phrase::kFiller}, {"σχόλια*", Phrase::kBoundary}, {"σχετικά άρθρα*", Phrase::kBoundary}, {"yorumlar*", Phrase::kBoundary}, {"paylaş*", Phrase::kFiller}, {"ilgili haberler*", Phrase::kBoundary},
    // Chinese, Japanese, Korean
    {"分享*", Phrase::kFiller}, {"相关阅读*", Phrase::kBoundary}, {"相关新闻*", Phrase::kBoundary}, {"相关文章*", Phrase::kBoundary}, {"责任编辑*", Phrase::kFiller}, {"関連記事*", Phrase::kBoundary}, {"コメント*", Phrase::kBoundary}, {"シェア*", Phrase::kFiller}, {"관련기사*", Phrase::kBoundary}, {"댓글*", Phrase::kBoundary}, {"공유하기*", Phrase::kFiller},
};

bool matches(std::string_view line, std::string_view pattern) {
  if (!pattern.ends_with('*')) return line == pattern;
  return line.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

Phrase find_phrase(std::string_view line) {
  for (const Known& known : kKnown)
    if (matches(line, known.text)) return known.phrase;
  return Phrase::kNone;
}

void fold(std::string& line) {
  for (size_t i = 0; i < line.size(); ++i) {
    const uint8_t c = static_cast<uint8_t>(line[i]);
    if (c >= 'A' && c <= 'Z') {
      line[i] = static_cast<char>(c | 0x20);
    } else if (i + 1 < line.size() && (c == 0xC3 || c == 0xCE || c == 0xCF || c == 0xD0)) {
      const uint8_t d = static_cast<uint8_t>(line[i + 1]);
      if (c == 0xC3 && d >= 0x80 && d <= 0x9E && d != 0x97) line[i + 1] = static_cast<char>(d + 0x20);
      if (c == 0xD0 && d >= 0x90 && d <= 0x9F) line[i + 1] = static_cast<char>(d + 0x20);
      if (c == 0xD0 && d >= 0xA0 && d <= 0xAF) line[i] = static_cast<char>(0xD1), line[i + 1] = static_cast<char>(d - 0x20);
      if (c == 0xCE && d >= 0x91 && d <= 0x9F) line[i + 1] = static_cast<char>(d + 0x20);
      if (c == 0xCE && d >= 0xA0 && d <= 0xA9) line[i] = static_cast<char>(0xCF), line[i + 1] = static_cast<char>(d - 0x20);
      ++i;
    }
  }
}

}  // namespace kernels::html
