// The one way out, from the sealed entry to the body; and the two kinds of text that are no
// objects.
#include "agreement/release.h"
#include "http/http.h"

#include <string>
#include <utility>

using namespace entente;

http::Response page_of(const agreement::View& view, const agreement::Sealed& sealed) {
    agreement::Gate gate(view, agreement::Form::object);
    http::Response response;
    if (gate.pass(sealed))
        response.body = std::move(gate).finish({.more = false, .next = {}}).out();
    return response;
}

http::Response problem_of(std::string text) {
    http::Response response;
    agreement::Released words =
        agreement::Released::own_words(agreement::OwnWords::problem, std::move(text));
    response.body = std::move(words).out();
    return response;
}

http::Response fixed() {
    http::Response response;
    response.body = Outgoing("fixed");
    return response;
}
