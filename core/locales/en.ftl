### Errors
# The id of each message is the error's code in core/errors.py: say what is wrong, then what to do next.

error-unexpected = Something went wrong on our side. It has been written down; please try again in a minute.
error-not-found = There is nothing here by that name. It may have been deleted, or the link is wrong.
error-no-such-model = There is no model “{ $model }” here. Ask /v1/models which there are.
error-refused = You are not allowed to do this. Ask the owner of the account to give you access.
error-invitation-over = This invitation no longer works: it has been used or withdrawn, or is older than a week. Ask whoever sent it for a new one.
error-already-member = You are already in the team of “{ $business }”, so the invitation stays for somebody else: forward it to your colleague.
error-last-owner = This is the only owner, and without one nobody could look after the business. Make a colleague an owner first, then try again.
error-role-needed = { $reason ->
        [owner] Only an owner can do this, so nothing has been changed.
       *[other] Only a manager or an owner can do this, so nothing has been changed.
    } Please ask: { $who }.
error-unauthenticated = Please sign in first, or send a valid API key.
error-wrong-password = The e-mail or the password is wrong. Check both and try again.
error-token-expired = Your session has ended. Please sign in again.
error-api-key-expired = This API key has expired. Make a new one and put it in its place.
error-conflict = This does not fit what is already there. Reload to see how things stand now, then try again.
error-email-taken = Somebody has already registered with this e-mail. Sign in, or use another address.
error-bot-of-yours = @{ $username } already answers for your assistant “{ $assistant }”. Disconnect it there first, or send me the token of another bot.
error-bot-is-ours = This is the token of the bot that you are writing to right now. Your customers need a bot of their own: make a second one at @BotFather and send me its token.
error-bot-taken = Another assistant already uses this bot. Make a new bot with @BotFather and send me its token.
error-slack-rotates = This token ends within hours, because “Token Rotation” is switched on. Switch it off at “OAuth & Permissions” of your app, or make a new app as I describe, and send me its token.
error-slack-link-broken = This link is not valid. Take a new one in the admin bot: “Customers’ bot”, “Connect Slack”.
error-slack-link-old = This link was valid for an hour, and that is over. Take a new one in the admin bot: “Customers’ bot”, “Connect Slack”.
error-slack-link-used = A workspace was connected by this link already. For another one take a new link in the admin bot.
error-slack-other-browser = You began this in another browser, so nothing has been connected. Open the link from the admin bot once more, and stay in one browser.
error-slack-denied = Nothing has been connected: Slack was not allowed to. If your workspace lets only its administrators add apps, ask one of them; the link from the admin bot still works.
error-slack-install-failed = Slack did not finish connecting ({ $reason }), so nothing has changed. Open the link from the admin bot once more.
error-slack-no-app = This installation has no Slack app of its own, so there is no link. Connect an app that you make yourself: the admin bot shows how in three steps.
error-slack-taken = Another assistant already answers in the workspace “{ $team }” through this app. Disconnect it there first, or make an app of your own.
error-slack-of-yours = Your assistant “{ $assistant }” already answers in the workspace “{ $team }” through this app. Disconnect it there first, or make another app.
error-wrong-slack-token = Slack does not accept this bot token: it is incomplete, or it was revoked. Open your app at api.slack.com/apps, “Install App”, and copy the “Bot User OAuth Token” once more, all of it.
error-slack-user-token = This is the token of a person (xoxp-…), and a bot’s is needed. On the page “Install App” copy the “Bot User OAuth Token”: it begins with xoxb-.
error-slack-other-token = This is not the token I need. On the page “Install App” of your app copy the “Bot User OAuth Token”: it begins with xoxb-.
error-wrong-slack-app-token = Slack does not accept this app-level token. Make one at “Basic Information”, “App-Level Tokens”, with the scope connections:write, and copy it whole: it begins with xapp-.
error-slack-apps-differ = These two tokens belong to two different apps. Take both from the same app at api.slack.com/apps.
error-wrong-slack-secret = This is not a signing secret. At “Basic Information” of your app press “Show” next to “Signing Secret” and copy it: 32 letters and digits.
error-slack-secret-missing = The bot token alone is not enough: nothing could be heard from Slack. Send its “Signing Secret”, too, or an app-level token (xapp-…).
error-slack-scopes-missing = Your app may not do enough yet; it lacks: { $scopes }. Add this at “OAuth & Permissions”, “Bot Token Scopes”, press “Reinstall” and send me the new token.
error-slack-whole-company = This app was installed for a whole organisation at once. Install it in the one workspace where the assistant shall answer.
error-invalid = “{ $field }” cannot be accepted: { $reason }. Please correct it and send it again.
error-prompt-too-long = These messages are too long: together with its answer the model holds { $most } tokens. Send fewer or shorter ones.
error-wrong-bot-token = Telegram does not know this token. Copy it once more from @BotFather, all of it, and send it again.
error-too-many-assistants = There can be { $limit } assistants at most. Delete one you no longer need, or ask whoever runs this service to raise the limit.
error-too-many-wordings = This ready answer already has { $limit } ways to ask for it. Delete it and write it anew, or teach another one.
error-too-many-sites = There can be { $limit } sites at most. Delete one you no longer need under “Documents”, then try again.
error-too-many-waiting = You write faster than I can answer. Wait for the answers to come, then ask on.
error-unavailable = A service we need does not answer now. Please try again in a few minutes.
error-port-unavailable = PORT { $port } on { $host } cannot be used: { $reason }. Stop the program that uses it, or set another PORT.
error-model-unavailable = The language model does not answer now. Please try again in a few minutes.
error-transcriber-unavailable = I could not listen to your voice message just now. Please type the answer, or say it again a little later.
error-document-rejected = This file cannot be used. Try another copy of it, or save it as PDF, DOCX or TXT.
error-document-empty = There is no text in this file. Open it to check what is inside, and send a copy with text.
error-document-too-large = The file is too large: the limit is { $limit_mb } MB. Split it into parts, or save it without pictures.
error-document-type-unknown = I cannot read this kind of file. Send it as PDF, DOCX, XLSX, CSV, TXT, Markdown or HTML.
error-document-type-old = This file is in an old format that I cannot read. Open it, choose “Save as”, save it as { $save_as } and send that.
error-document-locked = The file is locked with a password. Save a copy without the password and send that.
error-document-broken = The file is damaged and cannot be opened. Open it on your computer, save it anew and send the new copy.
error-document-scanned =
    { $pages ->
        [one] The page of this file is a picture, there is no text in it to read.
       *[other] The { $pages } pages of this file are pictures, there is no text in them to read.
    } Run text recognition (OCR) over it, or send the original document. Whoever runs this service can also teach it to read scans: the guide says how.
error-document-unreadable =
    { $pages ->
        [one] The page of this file is a picture, and I could not make out its text.
       *[other] The { $pages } pages of this file are pictures, and I could not make out their text.
    } Scan it straight and sharp (300 dpi), or send the original document.
error-document-partly-scanned = The file is read, except for these pages, which are pictures without text: { $pages }. If they matter, send them as text or a better scan.
error-document-twice = This file says exactly what another document of yours says already, so it is not stored twice.
error-document-suspicious = Everything in this file is hidden or reads like orders to the assistant, so nothing of it is used. Look at it and decide what may stay.
error-document-too-hard = Reading this file takes too much time or memory. Split it into parts, or save it as plain text.
error-address-refused = This address cannot be used: I open only public web addresses that begin with https:// or http://. Open the page in a browser, copy its address and send me that.
error-fetch-failed = This page could not be read. Open its address in a browser to see whether it works, then try again.
error-site-not-found = There is no site by this name. Check the address for typing mistakes and send it again.
error-site-unreachable = The site refuses the connection. Open it in a browser: if it works there, try again later or ask whoever runs the site to let me in.
error-site-silent = The site answers too slowly or not at all. Please try again later.
error-site-insecure = The site’s security certificate is wrong or has expired. Ask whoever runs the site to renew it, then try again.
error-site-broken = The site’s answer broke off or cannot be understood. Try again later; if it happens again, tell whoever runs the site.
error-page-too-large = This page is too large: the limit is { $limit_mb } MB. Give the address of a smaller page, or send the file itself.
error-too-many-redirects = The address leads from one page to the next without end. Open it in a browser, copy the address of the page you end up on and send me that.
error-robots-unavailable = The site’s server fails where its rules for robots are kept (robots.txt), so I may not read anything there now. Try again later; if it stays so, tell whoever looks after the site.
error-site-robots = The site forbids robots to read it (robots.txt). If it is yours, ask whoever looks after it to allow “LLMChatBot” there, then read it again.
error-site-noindex = This page asks robots not to use it (noindex). If it is yours, have that mark removed, or send me the text as a file.
error-site-moved = This address leads to another site: { $url }. If your site lives there now, send me that address.
error-site-page-gone = There is no page at this address. Open the site in your browser, copy the address of its first page and send me that.
error-site-closed = The site does not let me in: it wants a password or turns robots away. Ask whoever looks after it to let “LLMChatBot” in, or send me its texts as files.
error-site-busy = The site is too busy and asks to come back later. Read it again in an hour.
error-site-trouble = The site answers with an error of its own ({ $status }). Read it again later; if it stays so, tell whoever looks after the site.
error-site-scripted = The site needs JavaScript to show its text, and I cannot run that. Send me its texts as files, or paste them.
error-site-empty = I found no text on this page. Send me the address of a page with text, or a file.
error-site-stopped-answering = The site stopped answering before I was through. Whatever I know of it stays; read it again later.
error-training-failed =
    { $reason ->
        [memory] There was not enough memory for the training; the assistant answers as before. Train with fewer examples, or ask whoever runs this service for more memory.
       *[other] The training did not finish; the assistant answers as before. Start it once more; if it fails again, tell whoever runs this service.
    }
error-too-little-data =
    There is too little to learn from: { $found ->
        [one] { $found } example
       *[other] { $found } examples
    }, and { $needed } are needed. Add ready answers, documents or your own chats and start the training again.
error-cannot-train = { $base } answers your customers, and this service has not been told where its weights are. Training becomes possible when whoever runs this service sets LLM_TRAINING_MODEL.
error-adapter-mismatch = The training was made on { $adapter_base }, but the assistant runs on { $base } now. Start the training once more.
time-left = { $minutes ->
        [0] {", less than a minute left"}
        [one] {", about a minute left"}
       *[other] , about { $minutes } minutes left
    }
document-newer-failed = The newer version could not be used, so the earlier one still answers. { $reason }
document-unread-pages = These pages could not be read: { $pages }. If they matter, send them as a file of their own.
document-waits = It waits: something that I need for reading does not answer just now. I try again by myself every minute; there is nothing you need to do.

# Why a value cannot be accepted: the end of error-invalid's first sentence.

invalid-too-short = it needs at least { $least } { $least ->
        [one] character
       *[other] characters
    }
invalid-too-long = it may have at most { $most } { $most ->
        [one] character
       *[other] characters
    }
invalid-length = it must have { $least } to { $most } characters
invalid-too-few = at least { $least } must be given
invalid-too-many = at most { $most } may be given
invalid-at-least = it must be { $least } or more
invalid-at-most = it must be { $most } or less
invalid-more-than = it must be more than { $least }
invalid-less-than = it must be less than { $most }
invalid-range = it must be { $least } to { $most }
invalid-choice = it must be one of: { $choices }
invalid-choices = it must be one or more of: { $choices }
invalid-missing = it is missing
invalid-no-such-field = there is no such field
invalid-fixed = it cannot be changed
invalid-misspelt = it is misspelt
invalid-not-text = a text is expected
invalid-not-number = a number is expected
invalid-not-whole = a whole number is expected
invalid-not-yes-or-no = true or false is expected
invalid-not-id = an id is expected
invalid-not-time = a date and a time with its time zone are expected
invalid-not-hours = hours are expected, as in “9:00-18:00”
invalid-not-date = a date is expected, as in “2027-01-31”
invalid-not-time-zone = the name of a time zone is expected, as in “Europe/Moscow”
invalid-not-list = a list is expected
invalid-not-object = a JSON object is expected
invalid-form-damaged = the form is damaged or cut short
invalid-no-file = a file is expected in this form field
invalid-not-offered = this service does not offer it
invalid-text-alone = only text is taken, no pictures, sound or files
invalid-blank = there is nothing to read in it
invalid-no-question = there must be a message of the user
invalid-other = it does not fit here

### Customers
# What an assistant's customers read. They came to a shop, not to a robot: short, kind, no technical word.

customer-greeting = Hello! This is { $name }. Ask me anything, and I will answer from our own documents.
customer-refusal = Our documents do not say, and I would rather not guess. Try asking in other words.
customer-refusal-contact = Our documents do not say, and I would rather not guess. A person will help you: { $contact }
customer-refusal-waiting = Our documents do not say. Your question is with a person, who will answer you here.
customer-still-reading = I am still reading our documents and have not met an answer to this yet. Please ask again in a few minutes.
customer-still-reading-contact = I am still reading our documents and have not met an answer to this yet. Please ask again in a few minutes, or ask a person: { $contact }
button-rate-good = 👍
button-rate-good-chosen = 👍 ✓
button-rate-bad = 👎
button-rate-bad-chosen = 👎 ✓
customer-rate-good = Thank you! Glad it helped.
customer-rate-bad = Thank you, this will be looked at. If you would rather talk to a person, write “operator”.
customer-rate-none = All right, taken back.
customer-rate-old = This answer is no longer kept. Thank you anyway!
button-customer-tell-me = 🔔 Tell me when you know
button-customer-helped = 👍 This helped
button-customer-not-helped = 👎 It did not
button-customer-person = 🙋 Talk to a person
button-customer-share = 📢 Show it here to everybody
customer-thanks-for-rating = Thank you: that helps us answer better.
customer-tell-later = 🔔 All right: as soon as I know the answer, I will write to you here.
customer-ask-again = Please ask me that once more: things have changed since.
customer-told = 🔔 You asked: “{ $question }”. Now I know the answer:
customer-handoff-asked = Of course.
customer-handoff-angry = I am sorry that this went wrong.
customer-handoff-repeated-failure = I cannot find this out, so a person should.
customer-handoff-forbidden-topic = This is better answered by a person.
customer-handoff-owner = A colleague is taking over.
customer-handed-over = I have passed your question on: a person will answer you here. Meanwhile you can go on asking me.
customer-handed-over-closed = I have passed your question on, but nobody is here right now. We are back { $when }, and a person will answer you here then. Meanwhile you can go on asking me.
customer-handed-over-contact = I have passed your question on. A person will help you: { $contact }
customer-handed-over-already = I have passed it on already, and a person will answer you here. Meanwhile, ask me whatever else you would like to know.
customer-handed-over-already-closed = I have passed it on already. We are back { $when }, and a person will answer you here then. Meanwhile, ask me whatever else you would like to know.
customer-handed-over-away = I have passed your question on, but nobody is here at present. A person will answer you here as soon as somebody is back. Meanwhile you can go on asking me.
customer-person-answers = A person is answering you in this conversation. They will write to you here.
customer-person-writes = 👤 One of our team writes:
customer-person-closed = My colleague has finished here, and I am back. Ask me anything; if you need a person again, just say so.
customer-wait-closed = Your request for a person has been closed. If you still need one, just say so; otherwise ask me.
opening-today = today at { $time }
opening-tomorrow = tomorrow at { $time }
opening-weekday = { $weekday ->
    [1] on Monday
    [2] on Tuesday
    [3] on Wednesday
    [4] on Thursday
    [5] on Friday
    [6] on Saturday
   *[7] on Sunday
} at { $time }
opening-date = on { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} at { $time }
customer-command-start = Begin
customer-command-ask = Ask a question
customer-command-stop = Silence, please
customer-command-erase = Delete my data
customer-ask-how = Write your question after the command, like this: /ask When are you open?
customer-stopped = All right, I am silent now. When you want me back, write /start.
customer-erase-card = Delete everything that is kept about you here? Gone will be: conversations ({ $conversations }), messages ({ $messages }), unanswered questions ({ $questions }), and all else that repeats your words. Nothing brings this back.
customer-erase-nothing = Nothing is kept about you here.
customer-erase-kept = All right, everything stays as it is.
customer-erase-as-yourself = Here I cannot tell your words from those of others. Please write to me as yourself, best in a private chat.
customer-erase-not-yours = Only whoever asked for this can press here.
customer-erase-shared = In this group everybody shares one conversation, so I cannot tell your words from those of others. Please ask the owner of this bot to delete it.
customer-erased = ✅ Done: nothing is kept about you any more. The messages that you see here you can delete in Telegram itself. Write whenever you like: we will meet as for the first time.
customer-erase-receipt =
    Receipt { $id }, { $at }
    Erased: conversations { $conversations }, messages { $messages }, and all that goes with them.
    SHA-256 over the ids of what is gone: { $hash }
button-customer-erase-yes = 🗑 Yes, delete everything
audit-customer = the customer himself
customer-text-only = I can only read text so far. Please write your question in words.
sent-other = [attachment]
sent-audio = [audio]
sent-sticker = [sticker]
sent-location = [place on the map]
sent-contact = [contact] { $who } { $phone }
customer-thing-passed-on = Thank you, a person will see this. Ask me anything in the meantime.
customer-thing-unknown = I cannot pass this on to a person. Please put it into words.
customer-file-too-big = This file is too large to be passed on: { $limit } MB at most. A smaller one, or a link to it, will do.
customer-file-lost = This file did not arrive here. Please send it once more.
customer-files-enough = That is a lot of files for one day, and I cannot pass on more. Please write in words, or send a link.
sent-file = [file]
sent-video = [video]
sent-voice = [voice message]
sent-photo = [photo]
customer-cannot-answer = I cannot answer right now, sorry. Please write again in a few minutes.
customer-small-talk-example = For example: “{ $question }”
customer-small-talk-robot = I am { $name }, an AI assistant, not a person. I answer from our own documents; if you would rather talk to a person, just say so.
customer-small-talk-ability = I answer questions about our business, and only from what our own documents say. Just ask.
customer-small-talk-ability-about = I answer questions from our own documents: { $titles }. Just ask.
customer-small-talk-who = I am { $name }, the AI assistant here. I answer questions from our own documents.
customer-small-talk-aside = I am better at questions about our business! Ask me one of those.
customer-small-talk-how = All is well here, thank you! What would you like to know?
customer-small-talk-help = Of course! Write your question in a sentence, and I will look it up.
customer-small-talk-impatience = I am here! What would you like to know?
customer-small-talk-wishes = Thank you, the same to you! If you have a question, I am here.
customer-small-talk-bye = Goodbye, and all the best! Write whenever you need something.
customer-small-talk-thanks = You are welcome! If anything else comes up, just ask.
customer-small-talk-sorry = No trouble at all! What would you like to know?
customer-small-talk-compliment = Thank you, that is kind! If you have another question, I am here.
customer-small-talk-laughter = Glad that you are in good spirits! If you have a question, I am here.
customer-small-talk-ok = Good! If anything else comes up, just ask.
customer-small-talk-test = It works: I am { $name }, and I read you. Now try a real question.
customer-small-talk-emoji = 🙂 I am here. What would you like to know?
customer-small-talk-nothing = No words came through to me. Please write your question in a sentence.
customer-small-talk-off = I am { $name }, an AI assistant, and I answer questions about our business. What would you like to know?
customer-topic-forbidden = That is something I do not talk about here. With questions about our business I am glad to help.
customer-topic-forbidden-named = I do not talk about this here: { $topics }. With questions about our business I am glad to help.
customer-topic-other = That is outside of what I can help with here. With questions about our business I am glad to help.
customer-topic-other-named = That is outside of what I can help with. Ask me about this: { $topics }.
customer-sources = Sources
customer-source-page = , p. { $page }

### Channels
# Codes that a channel reports to its owner (Channel.error_code).

channel-unreachable = Telegram does not answer. I try again about every half minute; nothing is lost and nothing is needed from you.
channel-slack-unreachable = Slack does not answer. I try again about every half minute; nothing is lost and nothing is needed from you.
channel-token-refused = Its token no longer works: it was replaced at @BotFather, or the bot was deleted. Send me its new token, and it goes on.
channel-read-elsewhere = Another program reads this bot’s messages. Switch it off there, or get a new token from @BotFather (/revoke) and send it to me.
channel-webhook-unreachable = Telegram cannot reach { $address }. Please tell whoever runs this installation. Telegram keeps customers’ messages for a day and goes on trying.
channel-webhook-certificate = Telegram does not accept the certificate of { $address }. Please tell whoever runs this installation. Telegram keeps customers’ messages for a day and goes on trying.
channel-webhook-answer = Telegram brings messages to { $address } and is sent away there (answer { $status }). Please tell whoever runs this installation. Telegram keeps customers’ messages for a day and goes on trying.
channel-webhook-refused = Telegram does not take our address for this bot: { $reason }. Please tell whoever runs this installation; I go on trying.
channel-broken = The bot stopped because of a fault on our side. It starts again by itself within a minute; nothing is needed from you.
slack-uninstalled = The app was removed from this workspace. Connect Slack again, and it goes on where it stopped.
slack-revoked = Slack no longer accepts its token. Connect Slack again, and it goes on where it stopped.
error-wrong-master-key = The bot’s stored token can no longer be read: this installation’s key was replaced. Send the token again.

### Sites
# What became of a site's pages, half a line each: they stand in lists, after a number of pages.

site-more-pages = That is the limit set for this site; at least { $left } more pages were found. Raise the limit, now { $limit }, to have them read.
page-robots = closed to robots by the site (robots.txt)
page-noindex = marked by the site as not for robots (noindex)
page-refused = leads to a private address, which I do not open
page-elsewhere = leads to another site
page-gone = no such page (404)
page-vanished = no longer on the site, so no longer in the answers
page-closed = closed: wants a password or turns robots away
page-busy = the site was too busy
page-trouble = the site answered with an error ({ $status })
page-unreachable = did not open
page-silent = answered too slowly
page-too-large = too large
page-scripted = needs JavaScript to show its text
page-empty = no text there
page-not-text = a picture, a video or a program
page-moved = moved to another address and read there
page-copy = says the same as another page
page-scanned = a scan, pictures without text
page-locked = a file with a password
page-unreadable = a damaged or unknown file
page-excluded = deleted by you, so not read again

### Admin bot
# Owners read this between two customers: what happened first, then the one next step.

admin-choose-language =
    Hello! Which language do you prefer?
    Здравствуйте! На каком языке вам удобнее?
admin-welcome =
    I will make you an assistant that answers your customers from your documents, day and night. It takes about five minutes.

    What is your business? Send me a link to your site, or a file, or tell me in a few sentences.
admin-ask-name = What shall the new assistant be called? Just type the name, for example your shop’s.
admin-created =
    “{ $name }” is ready to learn.

    Now send me a link to your site, or a file with what customers ask about: prices, delivery, returns. PDF, Word, Excel, CSV, TXT, Markdown or HTML, up to 20 MB, several at once if you like.
admin-no-assistant = You have no assistant yet, so let’s make one. What is your business? Send me a link to your site, or a file, or tell me in a few sentences.
admin-first-name = Then we begin with a name alone. What is your business called? Just type it. A link or a file can follow at any time.
admin-business-name = Shall I call the assistant “{ $name }”? If that is no name, tell me a little more: what you do, and what customers ask.
admin-business-unclear =
    I could not make a business of that, sorry. Tell me in a few sentences what you do and what customers ask, or send a link to your site, or a file.

    For example: “We are a bakery in Leeds. Open daily from 8 to 18, delivery costs £3.”
admin-business-not-a-file = That is something I cannot read yet. Send me a link to your site, or a file (PDF, Word, Excel, CSV, TXT, Markdown or HTML), or tell me in a few sentences.
admin-business-link-refused = This address cannot be used: I open only public sites. Open your site in a browser, copy its address from there and send me that. A file or a few sentences will do, too.
admin-draft =
    ✨ Your assistant is drafted.

    Name: { $name }
    Tone: { $tone }
    Greeting: { $greeting }

    { $knows }

    Is it right? Change what you like. Next come questions that your customers may ask, with answers to approve.
admin-draft-knows = It knows { $pages ->
        [0] {""}
        [one] { $pages } page of the site
       *[other] { $pages } pages of the site
    }{ $both ->
        [0] {""}
       *[other] {" "}and{" "}
    }{ $documents ->
        [0] {""}
        [one] { $documents } document
       *[other] { $documents } documents
    }.
admin-draft-not-read = Not everything could be read. Look under “Documents” when you have time.
admin-draft-name = What shall the assistant be called? Customers see this name.
admin-draft-nothing =
    { $reason }

    “{ $name }” knows nothing yet. Send me another link, or a file, or tell me in a few sentences what you do and what customers ask.
admin-draft-material = “{ $name }” knows nothing yet. Send me a link to your site, or a file, or tell me in a few sentences what you do and what customers ask.
admin-draft-gone = This assistant has been deleted.
admin-samples-making = ✍️ I am thinking of questions that your customers may ask, and looking up the answers…
admin-samples-none = I found no questions that what I have read answers well. That is no harm: type a question as a customer would and see for yourself.
admin-sample =
    { $number } of { $total }

    ❓ { $question }

    💬 { $answer }

    From: { $document }
admin-sample-hint = Approve it, and customers get it word for word.
admin-sample-edit =
    ❓ { $question }

    Type the answer in your own words; customers will get it word for word.
admin-sample-decided = This one is decided already.
admin-samples-done = { $count ->
        [0] No ready answers yet; the assistant answers from what it has read.
        [one] { $count } ready answer is remembered.
       *[other] { $count } ready answers are remembered.
    }
admin-first-try = Now try it as your customer: press a question, or type your own.
admin-first-dismissed = I will not remind you any more. Everything made so far stays.
admin-language-set = We speak English now.

admin-menu-title = “{ $name }”
admin-menu-documents =
    { $ready ->
        [0] Documents: none yet
        [one] Documents: { $ready }
       *[other] Documents: { $ready }
    }{ $busy ->
        [0] {""}
       *[other] , being read: { $busy }
    }{ $failed ->
        [0] {""}
       *[other] , not read: { $failed }
    }
admin-menu-sites = Sites: { $count }
admin-menu-bots = Customers’ bot: { $bots }
admin-menu-no-bots = Customers’ bot: not connected
admin-next-file = Next step: send me a file with what customers ask about.
admin-next-wait = I am still reading. Once I am done, you can type a question.
admin-next-bot = Next step: type a question to see the answer, then connect your Telegram bot.
admin-next-ask = Everything works. Type a question at any time to see what customers get.

button-skip = ⏭ Skip for now
button-name-yes = ✅ Yes, that is the name
button-continue-setup = 🚀 Continue setting up ({ $step } of { $steps })
button-dismiss-setup = ✖️
button-looks-good = ✅ Looks good, go on
button-draft-name = Name
button-read-again-now = 🔄 Try again
button-sample-yes = ✅ Approve
button-sample-edit = ✏️ Rewrite
button-sample-no = ✖️ Skip
button-sample-all = ✅ Approve the rest: { $count }
button-sample-end = 🏁 Finish
button-sample-ask = 💬 { $question }
button-documents = 📄 Documents
button-ask = 💬 Try it
button-persona = 🎨 Tone and greeting
button-channels = 🤖 Customers’ bot
button-verified = ✍️ Ready answers
button-training = 🎓 Training
button-assistants = 🔀 Assistants
button-language = 🌐 Русский
button-help = Help
button-public-page = 🌐 Public page
button-page-open = 🌐 Open the page
button-page-close = 🚫 Close the page
button-gaps = ❓ Unanswered questions: { $count }
button-gaps-left = ❓ Unanswered questions
button-gap-answer = ✍️ { $number }: answer
button-gap-dismiss = ✖️ { $number }: dismiss
button-delete-assistant = 🗑 Delete “{ $name }”
button-menu = ‹ Menu
button-cancel = Cancel
button-save = ✅ Save
button-paste = 📝 Paste text
button-connect = 🤖 Connect a Telegram bot
button-connect-another = ➕ Connect another bot
button-connect-slack = 💬 Connect Slack
button-slack-go = 💬 Go to Slack
button-slack-new-link = 🔗 New link
button-slack-own = 🧩 I have an app of my own
button-slack-make = 🧩 Create the app at Slack
button-slack-apps = 🧩 Open my app at Slack
button-slack-again = 💬 Connect Slack again
button-open-bot = Open { $bot }
button-make-bot = 🤖 Create my bot
button-have-token = 🔑 I have a token
button-token-pictures = 🖼 Show it in pictures
button-bot = ⚙️ { $bot }
button-bot-groups = 👥 In groups
button-groups-person = 👤 One talk per person
button-groups-together = 👥 One talk for all
admin-bot-groups-person =
    👥 @{ $username } in groups: everybody has a conversation of his own.
    It answers when its name is written (@{ $username }), when somebody replies to it, and to /ask@{ $username }.
admin-bot-groups-together =
    👥 @{ $username } in groups: all who write there share one conversation, in a group with topics one in each topic.
    It answers when its name is written (@{ $username }), when somebody replies to it, and to /ask@{ $username }.
admin-bot-groups-privacy = You need not change anything in @BotFather: a new bot is in “privacy mode”, so Telegram shows it only what is meant for it, and that is enough. If it does not see its name there, make it an administrator of the group.
button-bot-pause = ⏸ Switch off for a while
button-bot-resume = ▶️ Switch on
button-bot-mend = 🛠 Mend it
button-new-token = 🔑 Send a new token
button-try-again = 🔄 Try again now
button-look-again = 🔄 Look again
button-disconnect = Disconnect { $bot }
button-disconnect-yes = Yes, disconnect
button-delete-item = 🗑 { $name }
button-delete-yes = Yes, delete
button-keep = No, keep
button-new-assistant = ➕ New assistant
button-teach = 📝 Write the right answer
button-add-answer = ➕ Add an answer
button-tone = Tone
button-greeting = Greeting
button-contact = Contact
button-style = ✍️ Write like this…
button-style-new = ✍️ Show how to write
button-style-done = ✅ Done
button-style-none = ✖️ No examples
button-hours = 🕘 Working hours
button-hours-set = 🕘 Set the hours
button-hours-none = ✖️ No working hours
button-zone = 🌍 Time zone
button-quick = 💡 Quick replies
button-quick-new = 💡 Write the questions
button-quick-none = ✖️ No quick replies
button-parameters = 🎛 For the brave
button-number-temperature = 🎲 Variety (temperature)
button-number-top-p = 🎯 Choice of words (top_p)
button-number-max-tokens = 📐 Longest answer (max tokens)
button-number-threshold = 🔎 How sure from documents
button-number-verified-threshold = ✅ How sure for ready answers
button-number-defaults = ↩️ Back to defaults
button-settings-back = 🎨 All settings
button-before-after = 👀 3 answers before and after
button-before-after-again = 👀 Ask once more
button-length-instead = 📏 Rather: { $length ->
        [short] short
        [long] detailed
       *[medium] medium
    }
button-tone-friendly = Friendly
button-tone-formal = Formal
button-tone-brief = Very brief
button-length = 📏 Answers: { $length ->
        [short] short
        [long] detailed
       *[medium] medium
    }
button-small-talk = 💬 Small talk: { $on ->
        [true] yes
       *[false] no
    }
button-feedback = 👍👎 below answers: { $on ->
        [true] yes
       *[false] no
    }
button-allowed = Only about…
button-forbidden = Not about…
button-no-topics = ✖️ None
button-forbidden-calls = Not about… → { $on ->
        [true] call a person
       *[false] decline kindly
    }
button-start-training = ▶️ Start training
button-stop-reading = ⏹ Stop reading
button-cancel-training = ⏹ Stop the training
button-back-to-base = ↩️ Back to the basic model
button-more = Next ›
button-less = ‹ Previous
button-save-as-document = 📄 Remember it
button-ask-this = 💬 It is a question

admin-meant = { $count ->
        [one] I am not sure what you mean. This?
       *[other] I am not sure what you mean. One of these?
    }
button-delete-document = 🗑 Delete a document
button-site = 🌐 The site
button-disconnect-bot = ⏏️ Disconnect a bot
button-answer-length = 📏 Length of answers
button-topics = 🚦 Topics
button-waiting = 🙋 Waiting for a person
button-farewell = 🗑 Delete an assistant

admin-assistants = Your assistants. Whichever you choose, I work with it from then on.
admin-chosen = Now working with “{ $name }”.
admin-farewell =
    Delete “{ $name }”? With it go the documents ({ $documents }), sites ({ $sites }), ready answers ({ $answers }) and all conversations with customers.
admin-farewell-bots = These stop answering customers: { $bots }.
admin-farewell-type = To delete it, type its name: { $name }
admin-farewell-other-name = That is another name, so nothing was deleted. Type “{ $name }”, or press “Cancel”.
admin-farewell-done = “{ $name }” is deleted, with its documents, answers and conversations.
admin-farewell-bots-done = Disconnected: { $bots }.

admin-page-off = The page of “{ $assistant }” is closed. Open it, and anybody can ask right in the browser, without Telegram.
admin-page-on = The page of “{ $assistant }” is open: anybody can ask right in the browser. Give customers the link:
admin-page-here-only = If the link does not open for customers, ask whoever runs this service to set PUBLIC_URL.

admin-gaps = Questions to which “{ $assistant }” has no answer. Answer them yourself, and customers get your words, or send a file that does.
admin-gaps-none = There are no unanswered questions.
admin-gap-line =
    { $number }. { $question }{ $asked ->
        [1] {""}
        [one] {" "}({ $asked } time)
       *[other] {" "}({ $asked } times)
    }
admin-gap-also =
    Your answer also goes to whoever asks the same in other words. So far:
    { $questions }
admin-gap-dismissed = Dismissed: “{ $question }”
admin-gap-askers = { " " }🔔 waiting: { $count }
admin-gap-askers-wait =
    🔔 { $count ->
        [one] { $count } customer asked to be told and gets your answer at once.
       *[other] { $count } customers asked to be told and get your answer at once.
    }
admin-morning =
    ☀️ Good morning! { $count ->
        [one] There is a new question that I could not answer:
       *[other] There are { $count } new questions that I could not answer:
    }
admin-morning-assistant = “{ $name }”
admin-morning-hint = Press “answer”, or reply to this message with the number and your words, for example: 1. Yes, on Saturdays too.
admin-morning-which = Which question is that for? Reply with its number first, for example: 2. Yes, on Saturdays too.
admin-morning-which-spoken = Which question is that for? Press “answer” under it first, then speak.
admin-morning-off = 🔕 All right, no more questions in the mornings. They wait for you in the menu, under “❓ Unanswered questions”.
admin-morning-on = ☀️ All right: whenever there are new questions, you will find them here in the morning.
button-morning-all = ❓ All questions: { $count }
button-morning-all-of = ❓ { $name }: all { $count }
button-morning-off = 🔕 Not every morning
button-morning-on = ☀️ Tell me every morning

admin-file-receiving = 📄 { $name }: receiving…
admin-file-newer = 📄 { $name }: a newer version, received. Until it is read, the earlier one answers…
admin-file-reading-pages = 📄 { $name }: reading, page { $done } of { $total }{ $left }
admin-file-stopped = ⏹ { $name }: stopped, nothing of it is used. Send it again whenever you like.
admin-file-newer-stopped = ⏹ { $name }: reading of the newer version was stopped. The earlier one answers.
admin-file-replaced =
    ✅ { $name }: the newer version is in place, { $passages ->
        [one] { $passages } passage
       *[other] { $passages } passages
    } remembered. The assistant answers from it from now on.
admin-file-waiting = 📄 { $name }: received, will be read in a moment…
admin-file-reading = 📄 { $name }: reading…
admin-file-remembering = 📄 { $name }: remembering, { $done } of { $total } passages ({ $percent }%){ $left }
admin-file-ready =
    ✅ { $name }: done, { $passages ->
        [one] { $passages } passage
       *[other] { $passages } passages
    } remembered.

    Now type a question the way a customer would, and see the answer.
admin-file-known = { $name } was already here, so it is not stored twice. Type a question to see what the assistant knows.
admin-file-failed =
    ⚠️ { $name }: not read. { $reason }
admin-file-refused =
    ⚠️ { $name }: { $reason }
admin-file-too-big = ⚠️ { $name } is over 20 MB, and Telegram gives bots nothing larger. Split it, or save it without pictures.
admin-file-unnamed = file without a name
admin-text-unnamed = Text without a title
admin-file-lost = ⚠️ { $name } did not get through from Telegram. Please send it once more.
admin-file-gone = { $name } has been deleted.
admin-not-a-file = I learn from documents. Send PDF, Word, Excel, CSV, TXT, Markdown or HTML as a file, or paste the text.
admin-paste = Paste the text in one message. The first line becomes its title.
admin-long-text = That is a long text. Shall I remember it as a document, or answer it as a question?
admin-documents-none =
    No documents yet.

    Send me a file right here: PDF, Word, Excel, CSV, TXT, Markdown or HTML.
admin-documents =
    Documents of “{ $assistant }”. To add one, just send me a file. To look into one, pause, replace or delete it, press its name.
admin-documents-sites = No files yet, only what I read on your site. To add a file, just send it.
button-read-site = 🌐 Read this site
button-add-site = 🌐 Add a site
button-sites = 🌐 Sites: { $count }
button-more-pages = ➕ Read up to { $limit } pages
button-read-again = 🔄 Read it again now
button-every-day = every day
button-every-week = every week
button-never = never
button-delete-site = 🗑 Delete the site
admin-site-offer = “{ $name }” looks like the address of a site. Shall I read it? Then the assistant answers from its pages.
admin-site-offer-many =
    You sent { $count } addresses:
    { $names }
    Shall I read them? Then the assistant answers from their pages.
button-read-sites = 🌐 Read them all
admin-site-ask = Send me the address of your site, for example example.com. I read its pages, and the assistant answers from them.
admin-site-no-address = That does not look like an address. Open the site in your browser, copy what stands in the address bar and paste it here.
admin-sites = Sites of “{ $assistant }”. Press one to see what was read there.
admin-site-opening = 🌐 { $name }: opening…
admin-site-reading =
    🌐 { $name }: { $read } of { $found } pages found so far are read
    Now: { $address }

    No need to wait here: I will write when it is done.
admin-site-done =
    ✅ { $name }: { $read ->
        [one] { $read } page
       *[other] { $read } pages
    } read.
admin-site-done-again =
    ✅ { $name }: looked through { $read ->
        [one] { $read } page
       *[other] { $read } pages
    } again, { $changed ->
        [0] nothing has changed
       *[other] new or changed: { $changed }
    }.
admin-site-failed = ⚠️ { $name }: not read. { $reason }
admin-site-failed-known =
    ⚠️ { $name } could not be read this time. { $reason }

    The assistant still answers from what I read there before.
admin-site-stopped =
    ⏹ { $name }: stopped. { $read ->
        [0] Nothing was read yet.
        [one] The { $read } page read so far answers.
       *[other] The { $read } pages read so far answer.
    }
admin-site-not-read = Not read:
admin-site-reason =
    • { $reason }: { $count ->
        [1] { $address }
       *[other] { $count } pages, such as { $address }
    }
admin-site-other-reasons = • for other reasons: { $count }
admin-site-next = Type a question the way a customer would and see the answer.
admin-site-schedule = How often shall I read the site again?
admin-site-delete = Delete { $name } with everything I read there? From the next answer on the assistant will not know it.
admin-site-deleted = { $name } is deleted; the assistant no longer knows it.
admin-site-paused = ⏸ { $name } is paused: the assistant does not answer from it and I do not read it. What I know of it is kept.
admin-document-line-ready = ✅ { $name }
admin-document-line-stopped = ⏹ { $name }: stopped. Send it again, or delete it.
admin-document-line-busy = ⏳ { $name }: being read
admin-document-line-waits = ⏸ { $name }: { $reason }
admin-document-line-failed = ⚠️ { $name }: { $reason }
admin-document-delete = Delete “{ $name }”? From the next answer on the assistant will not know what it says.
admin-document-deleted = “{ $name }” is deleted; the assistant no longer knows it.

admin-ask = Type a question the way a customer would. I answer exactly what he would get, and tell you where it came from.
admin-ask-empty = The assistant knows nothing yet, so there is nothing to try. Send me a file first.
admin-tier-verified = 🔎 Your own ready answer, word for word.
admin-tier-courtesy = 🔎 This is small talk, answered without your documents. Now ask about something: a price, a term, an address.
admin-tier-off-limits = 🔎 You have set this topic aside, so the customer is told so kindly. Change it under “Tone and greeting”.
admin-tier-grounded = 🔎 Written by the model from your documents; every number was checked against them.
admin-tier-refused = 🔎 Your documents do not say this, so the customer gets an honest “I don’t know”. Answer it yourself, or send a file that does.
admin-tier-handed_over = 🔎 Here a customer would get a person: you and your colleagues would be called now. Nobody is called from this test.
admin-tier-next-bot = All good? Connect your bot.

admin-persona =
    How “{ $assistant }” speaks

    Tone: { $tone }
    Greeting: { $greeting }
    Whom to turn to: { $contact }
    Only about: { $allowed }
    Not about: { $forbidden }

    What shall we change?
admin-persona-none = not set
admin-persona-quotes = In English the assistant quotes your documents word for word at present. The tone will count once you connect a model that writes English.
admin-persona-tone = What tone shall the assistant take? Choose one, or describe it in your own words.
admin-persona-greeting = Type the greeting that customers see first.
admin-persona-contact = Whom shall a customer turn to when the assistant does not know? Type a phone, an e-mail or a @name.
admin-persona-allowed = What shall the assistant talk about, and nothing else? One topic a line, in your own words: “tea and teapots”, “delivery”. Customers may read these words.
admin-persona-forbidden = What shall the assistant not talk about? One topic a line, in your own words: “politics”, “medical advice”. Customers may read these words.
admin-persona-card =
    Before: { $before }
    After: { $after }

    Shall I save it?
admin-persona-saved = Saved.
admin-persona-same = That is how it is already, so nothing needs saving.
admin-style =
    ✍️ Tone by example

    { $examples }

    The model writes in the way of these messages. It takes only the manner from them, never facts.
admin-style-ask = Send a message or two of your own, just as you write to customers (up to { $most }). I take the manner from them: prices and dates in them do not count.
admin-style-more = Got it: { $count } of { $most }. Send another one, or press “Done”.
admin-hours =
    🕘 When people answer

    { $hours }

    If a customer wants a person outside of these hours, he reads when you are back.
admin-hours-none = Not set: the assistant never says when people are back.
admin-hours-ask =
    When do people answer? Type it as you would say it:

    Mon–Fri 9–18, Sat 10–16
    daily 10 to 20 except Sunday
    24/7
admin-hours-unclear = I could not read the hours. Please name days and times, for example: Mon–Fri 9–18, Sat 10–16.
admin-hours-unclear-piece = I did not understand this: “{ $piece }”. Please type it like this: Mon–Fri 9–18, Sat 10–16.
admin-zone-ask = In which city’s time? Press it, or type a city (“Madrid”) or an offset (“UTC+3”).
admin-zone-unclear = I do not know this place. Please type a larger city nearby, or the offset: UTC+3.
hours-day = { $day ->
        [1] Mon
        [2] Tue
        [3] Wed
        [4] Thu
        [5] Fri
        [6] Sat
       *[7] Sun
    }
hours-daily = Every day
hours-line = { $days }: { $hours }
hours-closed = closed
hours-round = around the clock
hours-exceptions = { $count ->
        [one] and { $count } date with hours of its own
       *[other] and { $count } dates with hours of their own
    }
hours-zone = Time: { $zone }
admin-quick =
    💡 Quick replies: questions that customers are offered

    { $questions }

    They are buttons on your public page, and the assistant names the first one when somebody says hello.
admin-quick-ask = Type up to { $most } questions, one a line, as a customer would ask them. English ones are offered to those who write English, Russian ones to the others.
admin-quick-many = That is too much: { $limit } questions in a language at most, and these are { $count }. Please send fewer.
admin-numbers =
    🎛 For the brave

    🎲 Variety (temperature): { $temperature }
    🎯 Choice of words (top_p): { $top_p }
    📐 Longest answer (max tokens): { $max_tokens }
    🔎 How sure from documents: { $threshold }
    ✅ How sure for ready answers: { $verified_threshold }

    Everything works well as it is. Each change can be looked at before, and undone.
admin-numbers-quotes = In English the assistant quotes your documents word for word at present, so the first three count only once you connect a model that writes English.
admin-number-temperature = How freely may the model choose its words? 0 is always the same and the safest; 1 is lively. Now { $now }, usually { $usual }. Type a number from 0 to 2.
admin-number-top-p = From how much of the likely words may the model choose? 1 is from all of them. Now { $now }, usually { $usual }. Type a number above 0, up to 1.
admin-number-max-tokens = How long may an answer be, in pieces of words? Now { $now }, usually { $usual }. Type a whole number from 8 to 1024.
admin-number-threshold = How sure must the assistant be that a document answers? Higher: more often “I don’t know”. Lower: more answers, and more of them beside the point. Now { $now }, usually { $usual }. Type a number from 0 to 1.
admin-number-verified-threshold = How alike must a question be to one of your ready answers? Higher: rarer and more exact. Now { $now }, usually { $usual }. Type a number from 0 to 1.
admin-number-wrong-temperature = This needs a number from 0 to 2, for example 0.3.
admin-number-wrong-top-p = This needs a number above 0, up to 1, for example 0.9.
admin-number-wrong-max-tokens = This needs a whole number from 8 to 1024, for example 160.
admin-number-wrong-threshold = This needs a number from 0 to 1, for example 0.6.
admin-number-wrong-verified-threshold = This needs a number from 0 to 1, for example 0.91.
admin-compare-asking = { $count ->
        [one] 👀 I am asking { $count } question, with the settings as they are and as they would be. A moment…
       *[other] 👀 I am asking { $count } questions, with the settings as they are and as they would be. A moment…
    }
admin-compare-busy = I am still asking; the answers come in a moment.
admin-compare-nothing = There is nothing to ask yet: no customer has asked anything, and nothing has been read. You can save it now and look later.
admin-compare-slow = The answers did not come in time. Please try once more, or save it now; a change can be undone.
admin-compare = { $count ->
        [one] 👀 { $count } question, before and after. Nothing is saved yet.
       *[other] 👀 { $count } questions, before and after. Nothing is saved yet.
    }
admin-compare-differs =
    ❓ { $question }
    Before: { $before }
    After: { $after }
admin-compare-same =
    ❓ { $question }
    The same before and after: { $answer }
admin-compare-quotes = Nothing changes here: these answers are your own words, quoted word for word, and tone and the model’s numbers do not touch quotations.
admin-compare-ready = Nothing changes here: these are your ready answers, which are always given word for word.
admin-compare-no-difference = Nothing changes in these answers. Other questions may be answered differently.
admin-compare-chance = The variety (temperature) is above 0, so the model words an answer anew each time: part of the difference is chance.
what-if-hello = Hello!
what-if-person = Can I talk to a person?
what-if-unknown = What is your favourite colour of elephants?
admin-too-many-topics = That is too much: { $limit } topics at most, and these are { $count }. Please send fewer.
admin-topic-too-long = A topic may have { $limit } characters at most. Please put it shorter, one topic a line.
admin-tone-friendly = Warm and friendly, in simple words.
admin-tone-formal = Polite and formal, to the point.
admin-tone-brief = As briefly as possible: one or two sentences.
admin-too-long = That is too long: { $limit } characters at most, and this is { $length }. Please send a shorter one.

admin-channels-none = No bot is connected yet. Customers will write to your own Telegram bot; connecting it takes two minutes.
admin-channels = Bots that answer for “{ $assistant }”:
admin-channel-running = ✅ { $bot }: works
admin-channel-starting = ⏳ { $bot }: starting
admin-channel-stopped = ⏸ { $bot }: switched off. Nobody answers there; Telegram keeps customers’ messages for a day.
admin-slack-stopped = ⏸ { $bot }: switched off. Nobody answers there.
slack-name = Slack “{ $team }”
slack-app-about = Answers from our documents
admin-channel-failed = ⚠️ { $bot }: { $reason }
admin-channel-heard = 💬 Last message of a customer: { $ago }
admin-channel-never-heard = 💬 No customer has asked anything there yet.
ago-now = just now
ago-minutes = { $count ->
        [one] { $count } minute ago
       *[other] { $count } minutes ago
    }
ago-hours = { $count ->
        [one] { $count } hour ago
       *[other] { $count } hours ago
    }
ago-days = { $count ->
        [one] { $count } day ago
       *[other] { $count } days ago
    }
admin-news-bot =
    Customers of “{ $assistant }” get no answers in { $where } at the moment.

    { $health }
admin-make-bot =
    Customers will write to a bot of your own, and “{ $assistant }” answers there. Telegram makes it in one tap:

    1. Press “🤖 Create my bot” below the input field
    2. Change the name if you like, and confirm

    I do the rest.
admin-make-bot-tap = 👇 The button is down here
admin-made = ✅ Telegram has made your bot @{ $username }.
admin-made-no-token =
    @{ $username } is made, but Telegram does not hand me its token right now. Try again in a minute.

    Or get it yourself: open @BotFather, send /mybots, choose @{ $username }, press “API Token”, and paste his message here.
admin-connect-by-token = All right, with a token then.
admin-connect-done = 🔑 The token works.
admin-connect-by-slack = All right, Slack then.
admin-connect-again =
    @{ $username } needs its new token:

    1. Open @BotFather and send him /mybots
    2. Choose @{ $username } and press “API Token”
    3. Copy his whole message and paste it here

    I delete the message with the token at once and store the token encrypted.
admin-connect =
    Your customers will write to a bot of your own. Making one takes a minute:

    1. Open @BotFather and send him /newbot
    2. Choose a name, then a username that ends in “bot”
    3. Copy his whole message with the token and paste it here

    I delete the message with the token at once and store the token encrypted.
admin-connected-waiting = { $bot } is connected and starting…
admin-connected =
    🎉 { $bot } answers your customers now.

    Open it and ask something. Then put the link where customers see it: t.me/{ $username }
admin-connected-slow = { $bot } is connected but has not started yet. It will do so by itself; look here again in a minute.
admin-token-not-deleted = I could not delete your message with the token. Please delete it yourself, so that nobody sees it.
admin-no-token = I see no token here. It looks like 123456789:AbCd…: copy @BotFather’s whole message and paste it here.
admin-disconnect = Disconnect { $bot }? Customers will get no answers there. The bot itself stays yours.
admin-disconnected = { $bot } is disconnected, its token is erased.
admin-slack-disconnect = Disconnect { $bot }? Nobody will be answered there. The app itself stays in Slack.
admin-slack-link =
    “{ $assistant }” will answer in your Slack: in direct messages, and in channels where somebody mentions it.

    Press “💬 Go to Slack”, choose your workspace and allow it. The link works once, for an hour; please don’t pass it on.

    I write to you here as soon as Slack answers.
admin-slack-link-over = The link for Slack has ended: it works for an hour. Take a new one whenever you like.
admin-slack-connected =
    🎉 { $bot } answers now.

    Open Slack, find the app below “Apps” and ask it something. In a channel type /invite and its name, then mention it.
admin-slack-steps =
    “{ $assistant }” will answer in your Slack. It takes about five minutes:

    1. Press “🧩 Create the app at Slack”, choose your workspace, then “Next” and “Create”. If nothing is filled in there: “From a manifest”, and paste the file above.
    2. There, on the page “Install App”, press “Install” and “Allow”.
    3. Send me two things, in any order: the “Bot User OAuth Token” from that page (xoxb-…), and { $mode ->
        [http] the “Signing Secret” from the page “Basic Information” (press “Show”).
       *[socket] an app-level token (xapp-…): page “Basic Information”, “App-Level Tokens”, “Generate”, with the scope connections:write.
    }

    I delete your messages with them at once and store them encrypted.
admin-slack-again =
    { $bot } needs its bot token once more:

    1. Press “🧩 Open my app at Slack”; there, on the page “Install App”, press “Reinstall” or “Install”, and “Allow”
    2. Copy the “Bot User OAuth Token” (xoxb-…) and paste it here

    I delete your message at once and store the token encrypted.
admin-slack-none = I see no token here. The bot token begins with xoxb-: copy it from the page “Install App” of your app and paste it here.
admin-slack-need-bot = 🔑 Got it. Now the “Bot User OAuth Token” from the page “Install App”: it begins with xoxb-.
admin-slack-need-secret = 🔑 Got it. Now { $mode ->
        [http] the “Signing Secret”: page “Basic Information”, “App Credentials”, press “Show”.
       *[socket] an app-level token: page “Basic Information”, “App-Level Tokens”, “Generate”, with the scope connections:write. It begins with xapp-.
    }

admin-training =
    Training teaches “{ $assistant }” to speak in your words, from your ready answers and documents. Facts always come from the documents, trained or not.

    { $state }
admin-training-base = Now: the basic model answers.
admin-training-live = Now: the trained model answers.
admin-training-queued = 🎓 Training: waiting for its turn…
admin-training-started = 🎓 Training has begun, preparing…
admin-training-progress = 🎓 Training: { $percent }%
admin-training-progress-left = 🎓 Training: { $percent }%, { $minutes ->
        [0] less than a minute left
        [one] about a minute left
       *[other] about { $minutes } minutes left
    }
admin-training-wait = No need to wait here: I will write when it is done.
admin-training-language = The model of this installation does not write English yet: the assistant quotes your documents, so there is nothing to train. Connect a model that writes English, and training will pay off.
admin-training-checking = 🎓 Training is done, checking the result…
admin-training-done =
    ✅ Training is done; the trained model answers from now on.

    Type a question and compare. If you liked it better before, one tap brings it back.
admin-training-kept = ✅ Training is done. It was not made live; the assistant answers as before.
admin-training-cancelled = ⏹ The training was stopped. The assistant answers as before.
admin-training-rejected =
    Training is done, but I did not make the new model live. { $why }

    The one before answers your customers. Add examples and train again.
admin-training-trial =
    ✅ Training is done, and the check is passed.

    For now the new model answers every fifth conversation, and always you: type a question and compare. After { $answers } answers to customers it answers everybody, unless they dislike it. You can go back at any minute.
admin-training-trying = Now: the trained model is being tried, in every fifth conversation: { $done } of { $all } answers.
admin-training-now-live = ✅ The trained model answers everybody now.
admin-news-live =
    🎓 { $assistant }: the try-out of the trained model is over, { $answers ->
        [one] after { $answers } answer
       *[other] after { $answers } answers
    }. Customers did not mind, so it answers everybody now.
admin-news-taken-back =
    🎓 { $assistant }: customers disliked { $disliked } of the { $answers } answers of the trained model. I took it back: the assistant answers as before.
gate-title = 📊 Checked with questions that the model did not learn from: { $count }. Before → after:
gate-similarity = like your answers
gate-form = your manner
gate-supported = stands in the documents
gate-declined = silent when it does not know
gate-accepted = So: the new model is better, and nothing that matters is lost.
gate-not-won = The new model answers no better than the one before.
gate-disliked = Customers liked its answers less.
gate-lost-similarity = Its answers are further from yours than before.
gate-lost-form = It keeps your manner less well.
gate-lost-supported = It more often says what stands in no document.
gate-lost-declined = It is worse at declining what it does not know.
gate-lost-unrelated = It got worse at ordinary questions.
gate-no-report = This training has no comparison: it is older than the check.
chart-loss = Loss while training
chart-steps = step
chart-compared = The check: before and after
chart-before = before
chart-after = after
gate-sample =
    👤 { $question }
    ▫️ before: { $now }
    ▪️ after: { $new }
    ✍️ you: { $wanted }
button-compare = 📊 Compare answers
button-report-page = 🔗 Open as a page
button-compare-last = 📊 The last training
button-make-live = ▶️ Make it live for all
admin-training-under-way = A training is already under way. When it ends, I will tell you here.
admin-back-to-base = Done: the basic model answers from the next message on.
admin-training-over = This training has already ended.

admin-examples =
    What “{ $assistant }” learns from: { $count ->
        [one] { $count } example
       *[other] { $count } examples
    } of how you speak.
admin-examples-missing = ⚠️ For a training, { $count } more are needed. Add ready answers, or your own chats with customers.
admin-examples-left-out = Left out: { $said }.
left-out-struck = struck out by you
left-out-alike = alike
left-out-language = in another language
left-out-personal = with personal data
left-out-short = too short
left-out-beyond = too many
examples-verified = Ready answers
examples-file = From your file
examples-chat = From your chats
examples-operator = What people answered
examples-rated = Answers that were liked
examples-pair = Questions in documents
examples-section = Sections of documents
examples-refusal = When to decline
admin-example =
    { $source }, { $number } of { $count }

    👤 { $question }

    💬 { $answer }
admin-example-struck = ✂️ Struck out: the assistant does not learn this.
admin-examples-add =
    Send me a file that shows how you answer customers:

    • a Telegram chat: in Telegram on a computer open the chat, ⋮ → “Export chat history”, format “JSON”, and send me result.json
    • a CSV table: the question in one column, the answer in another; a column “rating” is welcome

    Phones, addresses and names are not learnt.
admin-examples-reading = 📥 Reading “{ $name }”…
admin-examples-who = Who of these are you? The assistant learns from your answers, not from customers' questions. The number is how many messages they wrote.
admin-examples-gone = I no longer have that file.
admin-examples-added =
    ✅ { $count ->
        [one] { $count } example was added.
       *[other] { $count } examples were added.
    }
admin-examples-not-added = Not taken: { $count } (empty, too long, with personal data, or known already).
admin-examples-forget = Forget everything that you sent for training? Examples: { $count }. It does not undo a training that is over.
admin-examples-forgotten = Examples forgotten: { $count }.
button-examples = 👀 Examples
button-examples-count = 👀 Examples: { $count }
button-examples-add = ➕ Add my own chats
button-examples-forget = 🗑 Forget my chats: { $count }
button-example-out = 👎 Strike out
button-example-in = 👍 Take back in
button-previous = ‹
button-next = ›
error-examples-unreadable =
    { $reason ->
        [too-large] The file is too large. Split it into smaller parts.
        [no-text] This is no text: a JSON, CSV or JSONL file is needed.
        [broken] The file is damaged, or breaks off in the middle. Export it once more.
        [columns] I cannot tell the question from the answer. Call the columns “question” and “answer”, or leave only two.
        [unknown] This is neither a chat nor a table of questions and answers.
        [nobody-answers] This person answers nobody in that chat. Choose another.
        [nothing-usable] The file holds no question with an answer that can be used.
       *[no-pairs] The file holds no question with an answer.
    }

admin-verified-none = No ready answers yet. A ready answer is your own wording for a frequent question: customers get it word for word.
admin-verified = Ready answers of “{ $assistant }”: customers get them word for word.
admin-verified-line =
    • { $question }{ $wordings ->
        [0] {""}
        [one] {" "}(and one other wording)
       *[other] {" "}(and { $wordings } other wordings)
    }
admin-near-misses = Customers of “{ $assistant }” asked these, and got no ready answer: they resemble one, but I was not sure enough. Decide once for each.
admin-near-misses-none = There is nothing to decide: no question resembles a ready answer without getting it.
admin-near-miss = Looks like your ready answer to “{ $question }” ({ $answer }). Answer this question with it, too?
admin-near-miss-accepted = ✅ From now on “{ $question }” gets that ready answer, too.
admin-near-miss-dismissed = Understood: “{ $question }” is another question. I will not ask again.
button-near-misses = 🤔 Similar questions: { $count }
button-near-yes = ✅ { $number }: yes
button-near-no = ✖️ { $number }: no, that differs
admin-verified-question = What do customers ask? Type the question.
admin-verified-answer =
    Question: { $question }

    Now type the answer; customers will get it word for word.
admin-verified-saved = Remembered. Ask this question in any words to check.
admin-told-soon =
    🔔 { $count ->
        [one] { $count } customer who asked for this will be told now.
       *[other] { $count } customers who asked for this will be told now.
    }
admin-told =
    🔔 { $count ->
        [one] { $count } customer who asked for this was told.
       *[other] { $count } customers who asked for this were told.
    }
admin-told-lost =
    🚫 { $count ->
        [one] { $count } customer has blocked the bot and could not be told.
       *[other] { $count } customers have blocked the bot and could not be told.
    }
admin-telling-stopped = ↩️ The answer was taken back. Customers who had not got it yet will not get it.
admin-voice-none = 🎙 I cannot listen to voice messages here yet. Please type the answer.
admin-voice-silent = 🎙 I heard no words. Please say it again, or type the answer.
admin-voice-lost = 🎙 Telegram did not hand your voice message over. Please send it again, or type the answer.
admin-voice-too-long = 🎙 That is too long for me: at most { $minutes } minutes and { $limit_mb } MB. Please say it shorter, or type the answer.
admin-voice-heard =
    🎙 I heard:

    { $text }

    Shall I save this as the answer? If something is wrong, say it again or type it.
button-voice-save = ✅ Save it
admin-verified-delete =
    { $question }
    — { $answer }

    Delete this answer?
admin-verified-deleted = Deleted. The assistant answers this from documents again.

admin-cancelled = Cancelled, nothing was changed.
admin-old-button = This button is out of date. Here is how things stand now.
admin-help =
    What I can do, right in this chat:

    • send a file: the assistant learns it
    • type a question: you see what a customer would get
    • paste a bot token: the bot starts answering customers
    • say in your own words what you want: “show my documents”, “don’t talk about politics”, “how was the week”
    • “undo”: whatever you changed is as it was before
    • /search: what the documents say about a question, and whether it is enough
    • /menu: everything else
admin-command-menu = Menu: how things stand, and everything else
admin-command-help = What I can do

### Quarantine
# Nobody is accused: most hidden texts are accidents. What was left out, why, and two buttons.

quarantine-instruction = it reads like an order to the assistant
quarantine-out-of-place = it has nothing to do with the rest of the document
quarantine-hidden-white = its letters have the colour of the page
quarantine-hidden-tiny = its letters are too small to read
quarantine-hidden-invisible = readers of the document do not see it
quarantine-hidden-comment = it is a hidden comment
quarantine-hidden-characters = it is written with invisible characters
admin-quarantine-document = 🔎 I have not used { $count ->
        [one] one text
       *[other] { $count } texts
    } of “{ $name }”: hidden, or worded like an order to the assistant. Everything else answers already. Please have a look:
admin-quarantine-assistant = 🔎 { $count ->
        [one] One text waits
       *[other] { $count } texts wait
    } for your word: hidden, or worded like an order to the assistant. Until you decide, “{ $name }” uses none of it.
admin-quarantine-quote =
    { $number }. “{ $text }”
    — { $why }
admin-quarantine-kept = ✅ I will use it: “{ $text }”. The document is being read again; that takes a moment.
admin-quarantine-dropped = 🚫 Left out: “{ $text }”
admin-quarantine-dropped-all = 🚫 Left out of “{ $name }”: { $count ->
        [one] one text
       *[other] { $count } texts
    }.
admin-quarantine-none = Nothing waits for your word any more.
button-quarantine = 🔎 Look at what I left out ({ $count })
button-use-it = ✅ { $number }: use it
button-leave-out = 🚫 { $number }: leave it out
button-leave-all-out = 🚫 Leave all of them out
button-use-after-all = ↩️ Use it after all
button-leave-out-after-all = ↩️ Leave it out after all

### Search: why this answer?

admin-search = Write a question as a customer would. I will show what I find in the documents for it, and whether that is enough for an answer.
admin-search-found = 🔎 For “{ $question }” I find:
admin-search-none = 🔎 For “{ $question }” I find nothing: this assistant has no documents with text yet. Send me a file, or write the answer yourself.
admin-search-verified =
    ✍️ Customers get your ready answer to this, word for word:
    “{ $answer }”
admin-search-nearest = Nearest ready answer: “{ $question }”, similarity { $similarity }, needed { $needed }. Not given: { $why }.
verified-why-far = not similar enough
verified-why-number = the numbers differ
verified-why-negation = one of the two says “not”, “without” or “closed”
verified-why-asked = one asks for something else (when, where, how, whether)
verified-why-direction = one says the opposite (from and to, before and after)
verified-why-subject = the two name different things, days or names
admin-search-passage =
    { $number }. { $where }: { $fits }, { $percent } %
    “{ $text }”
admin-search-page = { $document }, page { $page }
admin-search-fits = fits
admin-search-may-fit = may fit
admin-search-misses = hardly fits
admin-search-enough = Enough to answer: yes ({ $confidence }, needed { $needed }).
admin-search-not-enough = Enough to answer: no ({ $confidence }, needed { $needed }). A customer would hear that the assistant does not know. Send a file that says it, or write the answer yourself.
admin-command-search = Search: what the documents say about a question
button-fix = ✏️ Fix
button-fix-numbered = ✏️ { $number }: fix
button-fix-anew = ✏️ Write it again
button-hide = 🙈 Hide passage
button-hide-numbered = 🙈 { $number }: hide
button-try-back = ↩️ Undo
button-undo-numbered = ↩️ { $number }: undo
button-own-words-back = ↩️ Back to the document
button-own-words-back-numbered = ↩️ { $number }: back to the document
button-use-again = ↩️ { $number }: use again
button-replace = 📝 Replace with my answer
button-again = 🔁 Ask again
button-start-over = 🆕 Start over
button-found = 🔎 All that was found
button-edits = 🙈 Hidden and corrected: { $count }
button-edits-idle = 🙈 Have a look ({ $count })
button-search-again = 🔎 Search again

### Try it: evidence under an answer, and what can be done about it

correction-title = Correction to “{ $name }”
admin-why-quoted-language = 🔎 Quoted from your document, word for word: the language model here does not write this language.
admin-why-quoted-time = 🔎 Quoted from your document, word for word: the language model would have taken too long.
admin-why-quoted-away = 🔎 Quoted from your document, word for word: the language model does not answer just now.
admin-why-quoted-unsupported = 🔎 Quoted from your document, word for word: what the language model wrote was not borne out by it.
admin-why-still-reading = 🔎 A document is still being read, so the customer is asked to come back. Ask again in a minute.
admin-why-search-away = 🔎 The search does not answer just now, so the customer is told that. Ask again in a minute.
admin-why-person = 🔎 A person talks here, so the assistant is silent.
admin-evidence-ready = It answers the question “{ $question }”.
admin-evidence-ready-gone = It has been deleted since.
admin-evidence-called = Why: the customer { $reason }.
admin-evidence-nearest = Nearest in the documents:
admin-evidence-nothing-near = Nothing in the documents comes near.
admin-evidence-passage =
    { $number }. { $where }
    “{ $text }”
admin-evidence-lacks = — near, but it says nothing about { $words }
admin-evidence-far = — it says nothing about { $words }
admin-evidence-fits-little = — it fits only { $percent } %
admin-evidence-enough-now = — enough for an answer by now: ask again
admin-evidence-own-words = ✏️ Corrected by you: these are your words.
admin-evidence-hidden = 🙈 Hidden by you: customers no longer get this.
admin-evidence-corrected = ✏️ Corrected by you since: your words answer in its place.
admin-evidence-gone = ⚠️ This text has changed or been deleted since. Ask again to see what answers now.
admin-try-next-fix = Not quite right? Fix the passage, hide it, or replace the answer with your own.
admin-try-next-replace = Not quite right? Replace it with your own answer.
admin-try-over = 🆕 Somebody new asks now, and nothing has been said yet. Type a question.
admin-try-asks = 🔁 Somebody new asks: { $question }
admin-try-replaced = ✅ Remembered: customers get your words from now on. I am asking again.
admin-try-hidden = 🙈 Hidden: nobody is told this from now on, also when the document is read again.
admin-try-hidden-already = 🙈 This passage is hidden. Undo that first.
admin-try-corrected-already = ✏️ This passage is corrected already: your words answer in its place.
admin-try-back = ↩️ Undone: what the document says counts again.
admin-try-gone = This passage has changed or been deleted since. Press “Ask again” to see what answers now.
admin-fix =
    “{ $where }” says here:

    { $text }

    Send me the whole text as it should be.
admin-fix-same = That is the text as it stands, nothing would change.
admin-fix-card =
    ✏️ { $where }

    Before:
    { $before }

    After:
    { $after }
admin-fix-saved = ✅ Saved: your words answer from now on. Customers read as the source: { $source }.
admin-edits = Hidden and corrected passages of “{ $assistant }”. Each can be taken back.
admin-edits-none = Nothing is hidden or corrected in “{ $assistant }”. Try it out: under each answer you can do both.
admin-edit-hidden =
    { $number }. 🙈 { $where }
    “{ $text }”
admin-edit-corrected =
    { $number }. ✏️ { $where }
    Was: “{ $text }”
    Now: “{ $after }”
admin-edit-idle = ⚠️ The document no longer says this, so nothing is changed by it.
admin-edits-idle = ⚠️ { $count ->
        [one] One passage that you had hidden or corrected stands
       *[other] { $count } passages that you had hidden or corrected stand
    } no longer in the document: what it says now is used as it is.

### Web

error-conversation-taken = { $who } is already talking in this conversation. Ask them, or wait until they close it.
error-customer-unreachable = The customer does not get your messages: they have blocked the bot. If they write again, you can answer.
error-key-reused = This Idempotency-Key was already used for another request. Use a new key for a new question.
error-already-answered = This question has been answered already, perhaps by a colleague. The answer stands among the ready answers and can be changed there.
error-bad-request = The server could not understand this request. Check its form, for example that the JSON is complete.
error-no-such-page = There is nothing at this address. Check the link.
error-method-not-allowed = This address does not take this kind of request.
error-too-slow = The request took too long to arrive. Please send it again.
error-body-too-large = What was sent is too large: everything but files may have 8 MB at most.
error-json-expected = The body must be JSON, with the header “Content-Type: application/json”.
error-too-many-requests =
    Too many requests. Please wait { $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    } and try again.

web-ask = Ask a question
web-send = Send
web-stop = Stop
web-new-chat = New chat
web-language = Language
web-sample-questions = For example:
web-about = Answers come only from the documents of { $name }, and every answer shows where it stands.
web-thinking = Looking it up…
web-sources = Sources
web-page = page { $number }
web-open-page = Open the page
web-tier-verified = in { $name }’s own words
web-tier-grounded = from { $name }’s documents
web-tier-quoted = quoted word for word from { $name }’s documents
web-tier-refused = I do not know this
web-person = written by a person
web-helpful = This helped
web-not-helpful = This did not help
web-thanks = Thank you.
web-unreachable = The service cannot be reached. Your question was not lost.
web-interrupted = The answer was interrupted. Your question was not lost.
web-stopped = Stopped.
web-try-again = Try again
web-no-script = This page needs JavaScript to chat.
web-start-title = No assistant is public yet
web-start-text = This is where customers will talk to your assistant. To make one:
web-start-bot = Open your admin bot in Telegram and send it /start. It works as soon as ADMIN_BOT_TOKEN is set.
web-start-api = Or use the REST API: its description is at { $link }, and docs/api.md walks through it.
web-start-public = Then open “{ button-public-page }” in the bot’s menu (public_page in the REST API), and the assistant appears at this address.
web-report-title = { $assistant }: what the training brought
web-report-when = Trained on { $date }; checked with { $count ->
        [one] { $count } question
       *[other] { $count } questions
    } that the model did not learn from.
web-report-figures = Before and after
web-report-answers = The same questions, answered by both
web-report-you = You would say
web-report-made-of = What it was made of
web-report-learnt = Examples learnt from
web-report-sources = Where they come from
web-report-base = The model
web-report-settings = Settings
web-report-data = The data, by its hash
web-report-chart = A chart: how the loss fell while training, and the check before and after. The figures stand below.
web-report-week = This page opens for a week, for whoever has its address.
web-back = To the front page
slack-page-title = Connecting Slack
slack-page-done = “{ $assistant }” is connected to the workspace “{ $team }”
slack-page-telling = I write to you in Telegram as soon as it answers. Then:
slack-page-ask = Open Slack, find the app below “Apps”, and ask it something.
slack-page-invite = In a channel type /invite and its name; there it answers whoever mentions it.
slack-page-open = Open Slack
slack-page-not = Slack is not connected yet
slack-page-again = Try once more

### People who are waited for
# An owner reads this on the street, between two customers: who waits, why, and two buttons.

handoff-reason-asked = asked for a person
handoff-reason-angry = is upset
handoff-reason-repeated-failure = got no answer from the assistant twice in a row
handoff-reason-forbidden-topic = asked about something that you keep for people
handoff-reason-owner = a colleague has called you in
admin-people-nameless = A customer
admin-people-place-telegram = Telegram
admin-people-place-slack = Slack
admin-people-place-web = your page
admin-people-place-api = a program of yours
admin-people-source = 🔗 Came by the link: { $source }
admin-people-silent = 🔕 Has asked the assistant to be silent (/stop).
admin-people-waiting =
    🙋 { $who } is waiting for a person (“{ $assistant }”, { $place }).
    Why: { $reason }.
admin-people-still =
    ⏰ { $who } is still waiting for a person (“{ $assistant }”, { $place }).
    Why: { $reason }.
admin-people-taken = ✍️ A colleague is answering.
admin-people-over = ✔️ Nobody is waited for here any more.
admin-people-answering = ✍️ You are talking to { $who }. Whatever you write now goes there, and the assistant is silent.
admin-people-customer = 💬 { $who }: { $text }
admin-people-lost = ⚠️ { $who } does not get your messages: they have blocked the bot.
admin-people-closed = ✔️ Closed: the assistant answers { $who } again.
admin-people-ended = ✔️ The conversation with { $who } has ended; your texts no longer go there.
admin-people-close-unanswered = { $who } is still waiting for a person. If you close it, they read that their request is closed, and the assistant answers them.
admin-people-whom = Who is this for? You are in a conversation with { $who }. Nobody gets anything until you choose.
admin-people-sent-on = ✉️ Sent to { $who }. Whatever you write now goes there again.
admin-people-sent = ✉️ Sent to { $who }.
admin-people-mine = You are talking to these customers:
admin-people-left = You no longer write to { $who }. The assistant stays silent there until you close the conversation.
admin-people-list = These customers are waiting for a person:
admin-people-none = Nobody is waiting for a person.
admin-people-line = { $number }. { $who } (“{ $assistant }”, { $place }): { $reason }
admin-people-lapsed = Nobody came within a day, and the assistant went on: { $count }
admin-people-held = This has gone nowhere yet. Press “✍️ Go on writing” to write to { $who }, and send it again.
admin-people-held-nobody = This has gone nowhere: you are writing to no customer now.
people-not-passed = This cannot be sent to a customer. Words, photos, files, voice, video, stickers and places can.
people-file-too-big = Not sent: Telegram hands bots { $limit } MB at most. A smaller file, or a link to it, will do.
people-file-lost = Not sent: Telegram did not hand the file over. Please send it once more.
people-lost-file = ⚠️ { $who } did not get your file: Telegram does not take it. Send it in another form, or a link to it.
button-people = 🙋 Waiting for a person: { $count }
button-people-answer = ✍️ Answer
button-people-close = ✔️ Close
button-people-more = ✍️ Go on writing
button-people-dismiss = ✔️ Close unanswered
button-people-ask = 💬 It is a question to the assistant
button-people-send = ✉️ To the customer: { $who }
button-people-mine = ✍️ My conversations: { $count }
button-people-leave = ‹ Leave
button-people-answer-item = ✍️ { $number }: answer
button-people-close-item = ✔️ { $number }: close

### The group in which people answer
# Said in a group of colleagues: short, one thing to do, nobody is blamed.

admin-group-how =
    👥 A group for customers’ calls

    Every customer who wants a person gets a topic of his own there. Whatever your team writes in it goes to him, files too.

    1. Make a group in Telegram and add your colleagues.
    2. In its settings switch on “Topics”.
    3. Press the button below, choose the group and leave “Manage topics” on.

    The button works for an hour.
admin-group =
    👥 Customers’ calls come to the group “{ $title }”.

    { $standing }
admin-group-off = Customers’ calls will come into your private chats again. The topics in the group stay as they are.
admin-group-unlinked = ✔️ The group is no longer linked. Customers’ calls come into private chats again.
admin-news-group =
    ⚠️ I am no longer in the group “{ $title }”.

    Customers’ calls come into private chats again. You can link the group anew, or another one.
group-linked = 👋 Customers of “{ $business }” who want a person will appear here.
group-works =
    ✅ Everything works. Each customer gets a topic of his own.

    Whatever a member of the team writes in a topic goes to the customer. A message that begins with // stays here.
group-missing-topics = One thing is missing: topics. Open the group’s settings, switch on “Topics”, and I will begin.
group-missing-right = One thing is missing: make me an administrator with the right “Manage topics”, and I will begin.
group-missing-writing = One thing is missing: I may not write there. Let me send messages in the group, and I will begin.
group-hidden = I cannot see who you are. Switch off “Remain anonymous” in your administrator’s rights, and press the button in my chat again.
group-how-to-link = To see customers’ calls here, the owner opens a private chat with me: “Team”, then “Group for calls”.
group-unlinked = ✔️ This group is no longer linked: customers’ calls do not come here any more.
topic-waiting =
    🙋 { $who } is waiting for a person (“{ $assistant }”, { $place }).
    Why: { $reason }.
    Since: { $since }.

    Just write here: it goes to the customer.
topic-still =
    ⏰ { $who } is still waiting for a person (“{ $assistant }”, { $place }).
    Why: { $reason }.
    Since: { $since }.
topic-taken = ✍️ { $name } talks to { $who } now, and the assistant is silent.
topic-closed = ✔️ Closed: the assistant answers { $who } again.
topic-lapsed = ✔️ The assistant answers { $who } again: nothing happened here for a long time.
topic-taken-by-other = Not sent: { $name } is talking to this customer. If you should take over, ask them to press “‹ Let others answer”.
topic-taken-take-over = Not sent: { $name } is talking to this customer. You can take over:
topic-taken-alert = { $name } is already talking to this customer.
topic-edited = The customer has the first version: what was sent stays as it is. Write the correction as a new message.
topic-stranger = { $name }, what you write here does not reach customers: you are not in the team of “{ $business }” yet. Ask the owner for an invitation (Team, Invite).
topic-press-stranger = This button is for the team of “{ $business }”. Ask the owner for an invitation.
group-old-button = This button is out of date. Just write in the topic: it goes to the customer.
topic-anonymous = Not sent: I cannot see who you are. Switch off “Remain anonymous” in your administrator’s rights.
error-group-link-over = This button has been used or is older than an hour. Open “Team”, then “Group for calls” in my private chat, and press the new one.
error-group-taken = Another business answers its customers in this group. Please choose another group.
error-files-not-taken = Not sent: this customer does not write in Telegram, and only words reach them there. Send a link to the file.
button-group = 💬 Group for calls
button-group-link = ➕ Add me to the group
button-group-check = 🔄 Check again
button-group-again = 💬 Link a group again
button-group-off = 🔌 Unlink the group
button-group-off-yes = 🔌 Yes, unlink
button-topic-leave = ‹ Let others answer
button-topic-over = ✍️ Take over

### The team
# Colleagues are invited and given work here: plain words, nobody is blamed, the next step is a button.

team-role-owner = owner
team-role-manager = manager
team-role-operator = operator
moment = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}, { $time } UTC
admin-team = 👥 The team of “{ $business }”:
admin-team-line = • { $name } — { $role }
admin-team-you = • { $name } (you) — { $role }
admin-team-invited = ✉️ { $number }. An invitation ({ $role }), open until { $until }
admin-team-next = Next step: invite somebody who will answer customers with you.
admin-team-hint = Tap a name to change what a colleague may do.
admin-team-which-role =
    What will your colleague do?

    • operator: looks, and talks to customers
    • manager: also changes what the assistant knows and how it speaks
    • owner: also bots, keys, deleting assistants, and the team
admin-team-link = The invitation below is ready ({ $role }). Next step: forward it to your colleague. It works once, until { $until }.
admin-team-forward =
    Hello! I invite you to the team of “{ $business }”, as { $role }. Open this link and press “Start”: { $link }

    It works once, until { $until }.
admin-team-withdrawn = Withdrawn: nobody can join by that link any more.
admin-team-withdrawn-late = Somebody has already joined by this link, or it had ended: there is nothing to withdraw.
admin-team-has-joined = 🎉 { $name } has joined the team as { $role }.
admin-team-member = { $name } — { $role }. What should change?
admin-team-role-changed = Done: { $name } — { $role }.
admin-team-remove = Remove { $name } ({ $role }) from the team? They lose access at once, and customers they were talking to wait for somebody else.
admin-team-removed = { $name } is no longer in the team. Customers they were talking to now wait for a person.
admin-team-leave = Leave the team of “{ $business }”? To come back you will need a new invitation.
admin-team-gone = You have left the team of “{ $business }”. Thank you for your work there!
admin-team-done = 📒 What was done lately, newest first:
admin-team-nothing-done = 📒 Nothing has been done yet.
admin-team-nowhere = You are not in any team here right now. If somebody has invited you, open the link they sent you. Or begin by yourself: I will make you an assistant that answers your own customers.
admin-team-joined-operator = Welcome to the team of “{ $business }”! You are an operator: when a customer wants a person, I write to you here, and you answer right in this chat.
admin-team-joined-manager = Welcome to the team of “{ $business }”! You are a manager: you look after what the assistant knows and how it speaks, and you can answer customers.
admin-team-joined-owner = Welcome to the team of “{ $business }”! You are an owner here: everything is open to you.
admin-team-joined-besides = Welcome to the team of “{ $business }”! Your role there: { $role }. For now you go on working where you were; choose an assistant to work there.
admin-no-assistant-yet = There is no assistant here yet. As soon as the owner has made one, you can try it here, and I will tell you when a customer wants a person.
admin-next-operator = When a customer wants a person, I write to you here. Type a question at any time to see what customers get.
audit-line = { $when } — { $who }: { $what }
audit-itself = the assistant by itself
audit-somebody = somebody
audit-create-assistant = made the assistant “{ $about }”
audit-change-assistant = changed: { $fields }
audit-delete-assistant = deleted the assistant “{ $about }”
audit-make-demo = made the demo assistant
audit-bot-name = the bot @{ $username }
audit-connect-channel = connected { $about }
audit-disconnect-channel = disconnected { $about }
audit-bot-stopped = { $about } stopped
audit-pause-channel = switched { $about } off
audit-resume-channel = switched { $about } on
audit-change-channel-mode = changed how { $about } gets its messages
audit-change-channel = changed how { $about } talks in groups
audit-adapter-live = began to answer with what it learnt in training
audit-adapter-back = went back to the basic model
audit-take-conversation = took over a conversation with a customer
audit-link-group = linked the group “{ $about }”
audit-unlink-group = unlinked the group “{ $about }”
audit-group-lost = was put out of the group “{ $about }”
audit-close-conversation = closed a conversation with a customer
audit-join = joined the team
audit-remove-member = removed { $about } from the team
audit-leave = left the team
audit-invite = made an invitation ({ $role })
audit-withdraw = withdrew an invitation ({ $role })
audit-change-role = changed the role of { $about }: { $role } now
button-team = 👥 Team
button-team-member = 👤 { $name }
button-team-invite = ➕ Invite
button-team-done = 📒 What was done
button-team-leave = 🚪 Leave the team
button-team-leave-yes = 🚪 Yes, leave
button-team-stay = Stay
button-team-withdraw = 🚫 { $number }: withdraw
button-team-withdraw-this = 🚫 Withdraw it
button-team-make-operator = Make operator
button-team-make-manager = Make manager
button-team-make-owner = Make owner
button-team-remove = 🗑 Remove
button-team-remove-yes = 🗑 Yes, remove
button-begin-own = 🚀 Make an assistant of my own
button-business = 🏢 { $name }

button-undo = ↩️ Undo
button-redo = ↪️ Do it again after all
button-changes = ↩️ Undo something
button-forget-change = 🧹 Erase it for good
admin-undone = ↩️ Undone: { $what }. It is as it was before.
admin-redone = ↪️ Done again: it is as you had changed it.
admin-undone-already = It is already as it was before: { $what }.
admin-not-undone =
    I could not undo this: { $what }.

    { $reason }
admin-changes =
    ↩️ What can be undone, newest first. I keep it for { $days ->
        [one] one day
       *[other] { $days } days
    }; then it is erased for good.

    What shall we look at?
admin-changes-none = ↩️ There is nothing to undo at present.
admin-change-forgotten = 🧹 Erased for good: this cannot be undone any more.
change-done = What was done: { $what }
change-setting =
    { $setting }
    Before: { $before }
    Since: { $after }
change-answer =
    Question: { $question }
    Answer: { $answer }
change-nothing = not set
change-yes = yes
change-no = no
change-length = { $length ->
        [short] short
        [long] detailed
       *[medium] medium
    }
setting-name = name
setting-description = description
setting-locale = language
setting-tone = tone
setting-greeting = greeting
setting-page = public page
setting-contact = whom to turn to
setting-samples = sample questions
setting-length = length of answers
setting-small-talk = small talk
setting-feedback-buttons = 👍 and 👎 below answers
setting-allowed = allowed topics
setting-forbidden = forbidden topics
setting-forbidden-calls = calling a person about forbidden topics
setting-tone-examples = tone by example
setting-quiet = when a new conversation begins
setting-hours = working hours
setting-threshold = how sure it must be to answer
setting-verified-threshold = how near a ready answer must be
setting-temperature = temperature
setting-top-p = top_p
setting-max-tokens = longest answer of the model
audit-add-document = added “{ $about }”
audit-replace-document = replaced “{ $about }” with a newer one
audit-delete-document = deleted “{ $about }”
audit-restore-document = brought “{ $about }” back
audit-add-answer = ready answer to “{ $about }” added
audit-reword-answer = one more wording for “{ $about }”
audit-delete-answer = ready answer to “{ $about }” deleted
audit-restore-answer = ready answer to “{ $about }” brought back
audit-dismiss-gap = set the question “{ $about }” aside
audit-reopen-gap = reopened the question “{ $about }”
audit-decide-text = decided on the text “{ $about }”
audit-add-site = added the site { $about }
audit-change-site = changed how the site { $about } is read
audit-delete-site = deleted the site { $about }
audit-restore-site = brought the site { $about } back
audit-pause-site = paused the site { $about }
audit-resume-site = let the site { $about } answer again
audit-take-in = took { $about } back into the team ({ $role })
error-cannot-undo = What would come back is there again already, or its file is gone. Add it anew if you need it.
error-already-undone = This has been undone already: everything is as it was before.
error-changed-since = It was changed once more afterwards. Undo the later change first.
button-passages = 👀 What I read in it
button-pause = ⏸ Pause
button-resume = ▶️ Use it again
button-retry = 🔁 Try again
button-replace-document = 🔄 Replace
button-delete-this = 🗑 Delete
button-back-to = ‹ { $name }
admin-document-line-paused = ⏸ { $name }: paused, not used for answers
admin-document-card =
    Since { $when } · { $passages ->
        [one] { $passages } passage
       *[other] { $passages } passages
    }{ $version ->
        [1] { "" }
       *[other] { " " }· version { $version }
    }
admin-document-hint = To replace it, send a file of the same name, or press Replace and send any file.
admin-document-paused = Paused: from the next answer on, “{ $name }” is not used. I keep it.
admin-passages = 👀 “{ $name }”, as I read it ({ $page } of { $pages })
admin-passages-none = Nothing of “{ $name }” is in use at present.
admin-passage-page = page { $page }
admin-replace = Send me the file that takes the place of “{ $name }”. Until it has been read, the present one answers.
audit-pause-document = paused “{ $about }”
audit-use-document = used “{ $about }” again
audit-change-answer = changed the ready answer to “{ $about }”
audit-hide-passage = hid the passage “{ $about }”
audit-correct-passage = corrected the passage “{ $about }”
audit-passage-back = used the passage “{ $about }” as it is again

### Pictures
# What stands in the pictures of how a token is got (admin_bot/pictures).

picture-token-open = Find @BotFather
picture-token-new = Make a bot: /newbot
picture-token-copy = Copy it, send it to me
picture-search = botfather
picture-botfather = bot
picture-start = START
picture-name-asked = Alright, a new bot. How are we going to call it?
picture-name = Copper Kettle
picture-username-asked = Now choose a username. It must end in “bot”.
picture-username = copper_kettle_bot
picture-token-given = Done! Use this token to access the HTTP API:
picture-copy = Copy
picture-forward = Forward
picture-paste-here = …and paste it into our chat
picture-message = Message

### Sample questions
# What customers ask: made by rules of what was read, answered from there. Each is a whole question.

sample-question-hours = When are you open?
sample-question-contact = How can I contact you?
sample-question-place = Where are you?
sample-question-delivery-price = How much is delivery?
sample-question-delivery-time = How long does delivery take?
sample-question-pickup = Can I pick up my order myself?
sample-question-pay = How can I pay?
sample-question-return = Can I return what I bought?
sample-question-warranty = How long is the warranty?
sample-question-booking = How do I book?
sample-question-cancel = Can I cancel?
sample-question-discount = Do you have discounts?
sample-question-gift-card = Do you have gift cards?
sample-question-minimum-order = Is there a minimum order?
sample-question-wholesale = Do you sell wholesale?
sample-question-parking = Is there parking?
sample-question-pets = Can I come with my dog?
sample-question-wifi = Do you have Wi-Fi?
sample-question-price = How much is { $item }?
sample-question-prices = How much are { $item }?
sample-question-row = { $item }: how much is it?
sample-question-rows = { $item }: how much are they?
sample-question-section = What should I know about { $subject }?

### Drafts
# What is drafted of an assistant when its documents have been read: its customers read it.

draft-greeting = Hello! I am the assistant of “{ $name }”. What would you like to know?
draft-greeting-about = Hello! I am the assistant of “{ $name }”. I can tell you about { $topics } and more.
draft-topic-hours = opening hours
draft-topic-delivery = delivery
draft-topic-pay = payment
draft-topic-return = returns
draft-topic-warranty = the warranty
draft-topic-booking = booking
draft-topic-discount = discounts
draft-topic-price = prices

button-contradictions = ⚖️ Documents disagree: { $count }
button-compare-documents = ⚖️ Do my documents disagree?
button-side-right = ✅ { $number } is right
button-both-right = Both are right
admin-contradictions-none = ⚖️ The documents of “{ $assistant }” do not contradict each other in prices, times, dates, phones or numbers, as far as I can tell.
admin-contradiction =
    ⚖️ { $number } of { $count }: two documents tell { $told ->
        [price] a different price
        [time] different times
        [date] a different date
        [phone] a different phone
       *[number] a different number
    }.
admin-contradiction-quote =
    { $number }. { $where }
    “{ $quote }”
admin-contradiction-ask = Which is right? What is wrong is not used from the next answer on.
admin-contradiction-settled = Settled: the other sentence is no longer used.
admin-contradiction-settled-already = This one is settled already: one of the two sentences is not used any more.
admin-contradiction-both = Both stay, and I do not ask about these two again.
audit-both-right = said that two documents are both right: “{ $about }”
audit-contradiction-again = asked again about two documents: “{ $about }”
error-already-settled = This contradiction is settled already: one of the two sentences is not used any more.

### Numbers
# Read on a phone: words first, no "metrics", and at the end what to do.

button-numbers = 📊 Numbers
button-numbers-day = { $chosen ->
    [1] ● Today
   *[0] Today
}
button-numbers-week = { $chosen ->
    [1] ● Week
   *[0] Week
}
button-numbers-month = { $chosen ->
    [1] ● Month
   *[0] Month
}
button-numbers-all = 📊 All assistants together
button-letters-off = 🔕 No more Monday letters
button-letters-on = 🔔 Write to me on Mondays
numbers-all = All assistants
numbers-title = 📊 { $name }
numbers-asked =
    { $span ->
        [day] Today
        [month] In 30 days
        [letter] Last week
       *[week] In 7 days
    } { $customers ->
        [one] { $customers } customer
       *[other] { $customers } customers
    } asked { $questions ->
        [one] { $questions } question
       *[other] { $questions } questions
    } in { $conversations ->
        [one] { $conversations } conversation
       *[other] { $conversations } conversations
    }. { $answered ->
        [0] None of them got an answer.
       *[other] { $answered } got an answer ({ $percent } %).
    }
numbers-more = ↑ More questions: { $span ->
    [day] yesterday by this hour
    [month] in the 30 days before
    [letter] the week before
   *[week] in the 7 days before
} there were { $before }
numbers-fewer = ↓ Fewer questions: { $span ->
    [day] yesterday by this hour
    [month] in the 30 days before
    [letter] the week before
   *[week] in the 7 days before
} there were { $before }
numbers-share-up = ↑ Answers are found more often: it was { $percent } %
numbers-share-down = ↓ Answers are found less often: it was { $percent } %
numbers-answered = ✅ Answered: { $parts }
numbers-answered-verified = in your own words { $count }
numbers-answered-grounded = from documents { $count }
numbers-answered-quoted = by quoting a document { $count }
numbers-refused = 🤷 Not answered: { $parts }
numbers-refused-unknown = not known { $count }
numbers-refused-declined = a topic you closed { $count }
numbers-refused-reading = still reading a document { $count }
numbers-refused-failed = something broke { $count }
numbers-handed-over = 🙋 Called a person: { $parts }
numbers-reason-asked = the customer asked { $count }
numbers-reason-angry = the customer was upset { $count }
numbers-reason-repeated-failure = no answer twice in a row { $count }
numbers-reason-forbidden-topic = a topic for people { $count }
numbers-reason-other = for another reason { $count }
numbers-ratings = 👍 { $liked } · 👎 { $disliked }
numbers-speed = ⏱ Usually answers in { $median } s, nearly always within { $most } s
numbers-subjects = 🔎 Asked about most: { $parts }
numbers-subject = { $name } ({ $count })
numbers-gaps = { $count ->
    [one] ❗ { $count } question still has no answer.
   *[other] ❗ { $count } questions still have no answer.
} Asked most: “{ $question }”. Answer once, and your assistant remembers it.
numbers-no-gaps = 🎉 No question is left without an answer.
numbers-none =
    📊 { $name }

    { $span ->
        [day] Nobody has asked anything today yet.
        [month] Nobody has asked anything in 30 days.
       *[week] Nobody has asked anything in 7 days.
    } As soon as customers write, you will see here what they ask and what gets an answer.
numbers-none-next = Meanwhile you can ask it yourself: press “💬 Try it”.
numbers-chart-days = Questions by day
numbers-chart-hours = Questions by hour
numbers-chart-answered = answered
numbers-chart-unknown = not answered
numbers-chart-handed-over = called a person
numbers-chart-weekday = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
} { $day }
numbers-chart-date = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}
letter-greeting = Good morning! This is how the week went.
letter-gaps =
    ❗ { $count ->
        [1] One question has
       *[other] The most frequent questions have
    } no answer. Press, write the answer, and your assistant remembers it for ever:
letter-no-gaps = 🎉 No question is left without an answer. Have a good week!
letter-already = This question has an answer by now. Thank you!
letters-off = All right, no more letters on Mondays. The numbers are always here: “📊 Numbers” in the menu.
letters-on = All right! On Mondays at 9 in the morning I write how the week went, if anybody asked anything.

button-keys = 🔑 API keys
button-key-new = ➕ New key
button-key-chat = 💬 Only ask questions
button-key-read = 👀 Ask, and look at documents
button-key-all = 🛠 Everything a program may do
button-key-copied = ✅ Copied, take it away
button-key-revoke-yes = Yes, revoke
admin-keys = 🔑 With these keys programs speak to “{ $assistant }”: your CRM, your site. To revoke one, press it.
admin-keys-none = 🔑 With a key a program speaks to “{ $assistant }”: your CRM, your site. There is none yet.
admin-key-line = • { $name }: { $prefix }…, last used: { $used }
admin-key-unused = never
admin-key-name = What is the key for? Type a name, for example “CRM”.
admin-key-scope = What may “{ $name }” do?
admin-key-made =
    🔑 “{ $name }”:

    { $secret }

    Copy it now: I show it once and do not keep it. In { $minutes } minutes I take it out of this message.
admin-key-hidden = 🔑 “{ $name }” is made and works. The key itself is no longer shown here.
admin-key-revoke = Revoke “{ $name }” ({ $prefix }…)? Programs with this key are refused at once, and it cannot be brought back.
admin-key-revoked = “{ $name }” is revoked.
audit-issue-key = made the API key “{ $about }”
audit-revoke-key = revoked the API key “{ $about }”

# Archives of assistants, and all about one customer
error-archive-broken = This archive cannot be restored: it is damaged, or was not made by this product ({ $reason }). Nothing has been changed. Make it anew with “Save as a file”.
error-archive-too-new = This archive was made by a newer version ({ $made_by }) than this one. Update the product, then send the archive again.
error-archive-too-large = The archive is too large: the limit is { $limit_mb } MB. Whoever runs the product can raise it.
error-archive-gone = This archive is not there: archives are kept for a day. Make a new one, which takes a minute.
customer-data-title = Everything that is kept about { $name }
customer-data-where = Wrote through: { $channel }. Known since { $since }.
customer-data-talk = Conversation { $number }, begun on { $date }
customer-data-customer = Customer
customer-data-assistant = Assistant
customer-data-person = Team
customer-data-unanswered = His questions that have no answer yet:
customer-data-near = His questions that nearly had a ready answer:
customer-data-waits = Waits for answers to:
admin-farewell-undo =
    { $days ->
        [one] Changed your mind? For a day it can be brought back, with everything.
       *[other] Changed your mind? For { $days } days it can be brought back, with everything.
    }
audit-bring-back-assistant = brought back the assistant “{ $about }”
audit-export-assistant = saved the assistant “{ $about }” as a file
audit-restore-assistant = restored the assistant “{ $about }” from a file
audit-erase-customer = erased a customer
button-archive = 💾 Save as a file
button-archive-about = 💾 As a file
admin-archive-about = 💾 I can save “{ $name }” as one file: its settings, documents, ready answers and corrections, without customers and passwords. To restore an assistant from such a file, send it to me, here or in another installation.
button-archive-get = 📎 Send me the file
button-archive-link = ⬇️ Download
button-archive-restore = ✅ Yes, restore
button-archive-open = ▶️ Work with it
admin-archive-making = Saving “{ $name }” as a file: { $percent } %…
admin-archive-ready = The file of “{ $name }” is ready. In it are its settings, documents, ready answers, corrections and learnt style; no customers and no passwords. I keep it for a day.
admin-archive-sent = Keep this file. To restore, send it to me, here or in another installation.
admin-archive-link = The file has { $size } MB, more than Telegram takes. This link gives it once, within a day. For another link press “Send me the file” again.
admin-archive-large = The file has { $size } MB, more than Telegram takes. Ask whoever runs this server for it: it lies in the data folder as { $file }, for a day.
admin-archive-too-big = Telegram hands bots files up to 20 MB, and this one is larger. Ask whoever runs this server to restore it: docs/archive-format.md says how.
admin-archive-brought = This file holds the assistant “{ $name }”. Shall I restore it as a new assistant? Those you have stay as they are.
admin-archive-restoring = Restoring “{ $name }”: { $percent } %…
admin-archive-restored = “{ $name }” is restored. It reads its documents now, that takes a few minutes. Connect a bot to it once it answers as you like.
button-customers = 👥 Customers
button-customer = 👤 About this customer
button-customer-file = 📄 Everything as a file
button-customer-erase = 🗑 Erase this customer
admin-customers = Customers of “{ $assistant }”, the newest first. Press one, or type a name.
admin-customers-nobody = Nobody has written to “{ $assistant }” yet.
admin-customers-found = Customers called “{ $name }”. Press one, or type another name.
admin-customers-none = I know no customer called “{ $name }”. Type another name, or the number that Telegram gives him.
admin-customer =
    👤 { $name }
    Writes from { $place }, known since { $since }.
    Conversations: { $talks }, messages: { $messages }.
admin-customer-sent = That is all that is kept of { $name }: a text for reading, and the same for programs.
admin-customer-erase = Erase { $name } for good? Gone will be: conversations ({ $conversations }), messages ({ $messages }), his unanswered questions ({ $questions }), and all else that repeats his words. Nothing brings this back.
admin-customer-erase-here = What stands in your own Telegram chats, I cannot erase there.
admin-customer-erase-type = To erase, type the name: { $name }
admin-customer-other-name = That is another name, so nothing was erased. Type “{ $name }”, or press “Cancel”.
admin-customer-erased = Done: nothing is kept of this customer any more. The receipt { $receipt } is above; it holds no word of his, so you may keep it.
admin-customer-kept-answers =
    { $count ->
        [one] One ready answer repeats a question of his. It is yours and stays; change or delete it if his words shall go there, too.
       *[other] { $count } ready answers repeat questions of his. They are yours and stay; change or delete them if his words shall go there, too.
    }
admin-customer-kept-trainings =
    { $count ->
        [one] One training may have learnt from his messages. It cannot forget them; go back to the basic model if that must not be.
       *[other] { $count } trainings may have learnt from his messages. They cannot forget them; go back to the basic model if that must not be.
    }
customer-receipt =
    Receipt { $id }
    A customer was erased on { $at }, with all that was kept of him.
    Below: how many things of which kind, what stayed, and the SHA-256 over the ids of all rows that are gone (sorted, one a line).
# Webhooks: addresses of programs that are told what happens
error-webhook-address = I cannot send events to this address: it must be a public web address such as https://shop.example/hook. Addresses of your own computer or network cannot be reached from here.
error-webhook-not-encrypted = The address must begin with https://, because customers’ words are sent there. Ask whoever looks after that program for its https address.
error-webhook-needs-https = Telegram brings messages only to an address with https://, and this installation has none yet. Whoever runs it sets PUBLIC_URL to such an address, and then it works.
error-too-many-webhooks = An assistant can have { $limit } addresses for events at most. Delete one you no longer need, then add the new one.
error-delivery-in-line = This event is being sent at this very moment. Look at it again in a minute.
webhook-error-silent = The address did not answer within { $seconds } seconds. Check that the program there is running and answers at once, before it does its work.
webhook-error-no-host = There is no such host. Check the address for typing mistakes.
webhook-error-unreachable = The address does not take connections. Check that the program there is running.
webhook-error-certificate = The security certificate of the address is wrong or has expired. Ask whoever looks after it to renew it.
webhook-error-broken = The answer broke off or is no answer of a web server. Ask whoever looks after the address.
webhook-error-private = The address leads into a private network, and nothing is sent there. Give a public address.
webhook-error-redirect = The address sends on to another one (answer { $status }), which is not followed. Give the final address.
webhook-error-status = The address answered with error { $status }. Show this to whoever looks after the program there.
webhook-error-gone = The address answered that it is gone for good (410).
webhook-error-failing = The address has taken nothing for a whole day.
webhook-error-secret = The secret of this address cannot be read, because the key file of this installation was replaced. Make a new secret.
button-hooks = 🔗 Events for programs
button-hook-new = ➕ Add an address
button-hook-copied = ✅ Secret copied, take it away
button-hook-look = 🔗 Open this address
button-hook-test = 🧪 Send a test
button-hook-events = ☑️ What to tell
button-hook-log = 📜 What was sent
button-hook-on = ▶️ Switch the address on
button-hook-off = ⏸ Switch the address off
button-hook-again = 🔁 Try the address again
button-hook-secret = 🔑 New secret
button-hook-secret-yes = Yes, make a new secret
button-hook-delete = 🗑 Delete this address
button-hook-delete-yes = Yes, delete the address
button-hook-save = 💾 Save the choice
button-hook-refresh = 🔄 Look once more
button-hook-replay = 🔁 Send the lost ones again: { $count }
admin-hooks = 🔗 When something happens with “{ $assistant }”, I tell these addresses at once. Choose one to look at it.
admin-hooks-none = 🔗 I can tell a program, for example your CRM, what happens with “{ $assistant }”: a new conversation, each message, a customer who wants a person. Add the address that the program gave you.
admin-hook-ask = Send me the address for events (webhook URL). The program that you want to connect shows it in its settings; it looks like https://crm.example/hook/123.
admin-hook-added = ✅ From now on I tell { $host } what happens.
admin-hook-secret =
    The secret by which the program knows that it is really me:

    { $secret }

    Put it into the program now: I show it once. In { $minutes } minutes I take it out of this message.
admin-hook-hidden = 🔗 { $host } is connected. Its secret is no longer shown here.
admin-hook = 🔗 { $url }
admin-hook-is-off = ⏸ Switched off: nothing is sent, and what happens now is not kept for it.
admin-hook-stopped = I switched it off myself. { $reason }
admin-hook-failing = ⚠️ It has taken nothing since { $since }. I keep trying for a day.
admin-hook-all = It is told everything that happens.
admin-hook-some = It is told { $count ->
        [one] { $count } kind of event
       *[other] { $count } kinds of events
    }.
admin-hook-waiting = Waiting to be sent: { $count }.
admin-hook-trying = ⏳ Sending a test to { $host }…
admin-hook-test-well = ✅ { $host } took the test: answer { $status } in { $seconds } s. All is well.
admin-hook-test-failed = ⚠️ The test did not arrive. { $reason }
admin-hook-test-said = It said: “{ $said }”
admin-hook-test-later = ⏳ No answer to the test yet. Look under “What was sent” in a minute.
admin-hook-switched-on = ▶️ { $host } is told what happens again; what was waiting is sent now.
admin-hook-switched-off = ⏸ { $host } is told nothing until you switch it on.
admin-hook-new-secret = Make a new secret for { $host }? For 24 hours I sign with both, the old one and the new one, so that you have time to change it in the program.
admin-hook-secret-made = 🔑 A new secret for { $host }. The old one works for 24 hours more.
admin-hook-delete = Delete { $host }? I tell it nothing more. What waits to be sent, and the list of what was sent, go with it.
admin-hook-deleted = 🗑 { $host } is deleted.
admin-hook-choose = What shall I tell this address? Tap to tick, then save.
admin-hook-none-chosen = Tick at least one, then save. To be quiet for a while, switch the address off instead.
admin-hook-saved = 💾 Saved. It holds for what happens from now on.
admin-hook-same = Nothing was changed.
admin-hook-log = 📜 What was sent last:
admin-hook-log-none = 📜 Nothing was sent yet. Send a test, or wait until something happens.
admin-hook-next-try = Next try: { $when }.
admin-hook-replayed = 🔁 Sending again: { $count }. Look here in a minute.
admin-hook-nothing-lost = There is nothing left to send again.
admin-hook-replay-off = The address is switched off: they go out when you switch it on.
admin-hook-replay-more = There are more: press once more afterwards.
admin-news-hook =
    ⚠️ “{ $assistant }”: I no longer send events to { $host } and have switched it off. { $reason }

    Have the program looked at, then try again. What was waiting is sent then.
hook-event-conversation-started = A conversation begins
hook-event-message-created = Each message
hook-event-lead-captured = A customer leaves his details
hook-event-handoff-requested = A person is wanted
hook-event-handoff-closed = The person is done
hook-event-gap-recorded = A question without an answer
hook-event-feedback-given = A customer rates an answer
hook-event-document-indexed = A document is read
hook-event-document-failed = A document could not be read
hook-event-adapter-completed = A training is over
hook-event-test = Test
audit-add-webhook = added { $about } as an address for events
audit-change-webhook = changed the address for events { $about }
audit-delete-webhook = deleted the address for events { $about }
audit-restore-webhook = brought back the address for events { $about }
audit-rotate-webhook = made a new secret for { $about }
audit-webhook-stopped = sending of events to { $about } was switched off
button-shopper = 🕵️ Check the answers
button-shopper-short = 🕵️ Check my answers now
button-shopper-run = ▶️ Check my assistant now
button-shopper-results = 👀 Look at the answers
button-shopper-list = 📋 Questions: { $count }
button-shopper-nightly = { $on ->
        [true] 🌙 Every night: on
       *[other] 🌙 Every night: off
    }
button-shopper-stop = ⏹ Stop checking
button-shopper-fine = 👌 It is fine so
button-shopper-fine-numbered = 👌 { $number }: fine
button-shopper-answer = ✍️ Write my own answer
button-shopper-add = ➕ Add a question
button-shopper-not = ✖️ Don’t save
button-check-all = 🕵️ Check on all questions
setting-nightly-check = check at night
admin-shopper =
    🕵️ The mystery shopper of “{ $assistant }”

    I ask your assistant the same questions again and again, as a customer would, and compare the answers. At night, when something has changed, and whenever you like. Nothing of it gets into your numbers.
admin-shopper-last = { $count ->
        [one] Last time ({ $when }), { $count } question:
       *[other] Last time ({ $when }), { $count } questions:
    }
admin-shopper-never = I have not asked yet. Shall I begin?
admin-shopper-soon = 🕵️ I ask “{ $name }” in a moment…
admin-shopper-asking = 🕵️ I am asking “{ $name }”: { $done } of { $count }. Customers go first, so it may take a few minutes.
admin-shopper-done = { $count ->
        [one] 🕵️ I have asked “{ $name }” { $count } question:
       *[other] 🕵️ I have asked “{ $name }” { $count } questions:
    }
admin-shopper-checked = { $count ->
        [one] 🕵️ { $count } question, as it is and as it would be. Nothing is saved yet:
       *[other] 🕵️ { $count } questions, as it is and as it would be. Nothing is saved yet:
    }
admin-shopper-all-well = Nothing got worse.
admin-shopper-stopped = ⏹ Stopped after { $done } of { $count } questions. Nothing has changed.
admin-shopper-failed = The questions could not be asked to the end ({ $done } of { $count }). Please try again later.
admin-shopper-gone = These answers are not kept any more. Check once more to see how it is now.
admin-shopper-place = Answer { $number } of { $count }
admin-shopper-fine = 👌 Good: from now on I compare with this answer.
admin-shopper-undone = This has been undone already. Check once more to see the answers as they are now.
admin-shopper-nightly = { $on ->
        [true] 🌙 Good: I check at night, and write in the morning only if something got worse.
       *[other] 🌙 Good: I do not check at night any more. You can always check here.
    }
admin-shopper-list = 📋 What I ask “{ $assistant }”. From customers I take only questions by which nobody can be known.
admin-shopper-list-none = 📋 There is nothing yet that I could ask “{ $assistant }”. Add a question that customers ask often.
admin-shopper-line = { $number }. { $question } — { $source ->
        [own] yours
        [ready] ready answer
        [sample] sample
       *[other] a customer
    }
admin-shopper-add = Which question should I ask? Write it as a customer would.
admin-shopper-added = ➕ Good, I ask it from now on.
admin-shopper-short = That is too short for a question. Please write it as a customer would.
admin-shopper-off = I do not ask “{ $question }” any more.
shopper-count-worse = { $count ->
        [one] 🔻 { $count } answer got worse
       *[other] 🔻 { $count } answers got worse
    }
shopper-count-changed = { $count ->
        [one] ✏️ { $count } says something else
       *[other] ✏️ { $count } say something else
    }
shopper-count-better = { $count ->
        [one] 🟢 { $count } got better
       *[other] 🟢 { $count } got better
    }
shopper-count-new = { $count ->
        [one] 🆕 { $count } was asked for the first time
       *[other] 🆕 { $count } were asked for the first time
    }
shopper-count-same = { $count ->
        [one] ⚪ { $count } is the same
       *[other] ⚪ { $count } are the same
    }
shopper-count-slower = { $count ->
        [one] 🐢 { $count } took longer than three seconds
       *[other] 🐢 { $count } took longer than three seconds
    }
shopper-verdict-worse = 🔻 Worse
shopper-verdict-changed = ✏️ Says something else
shopper-verdict-better = 🟢 Better
shopper-verdict-new = 🆕 Asked for the first time
shopper-verdict-same = ⚪ The same
shopper-accepted = 👌 It is fine so, you said
shopper-reason-refused = no answer any more
shopper-reason-handed-over = a person is called instead
shopper-reason-weaker = only quoted or written by the model, where there was a better answer
shopper-reason-facts = other numbers, prices, dates or contacts
shopper-reason-language = another language
shopper-reason-source = the document it stood in is gone
shopper-reason-turned = yes and no have changed places
shopper-reason-words = another meaning
shopper-reason-answered = there is an answer now
shopper-reason-own-words = your own words now
shopper-reason-stronger = a better way of answering
shopper-slower = 🐢 It took { $seconds } seconds. Customers wait three, then get a quotation.
shopper-by-chance = 🎲 The model does not answer this the same way twice, so the difference may be chance.
shopper-because = 🔎 Because of: { $what }
shopper-perhaps = 🔎 Perhaps because of: { $what }
shopper-cause-change = { $what } ({ $when })
shopper-cause-model = another language model ({ $name })
shopper-cause-adapter = what was learnt in training
shopper-cause-read-anew = “{ $name }” says something else since it was read anew
shopper-cause-gone = “{ $name }” is not there any more
shopper-night = 🕵️ { $when ->
        [night] Last night
       *[day] Today
    } I asked “{ $name }” { $asked ->
        [one] { $asked } question.
       *[other] { $asked } questions.
    }
shopper-night-worse = { $count ->
        [one] One answer got worse:
       *[other] { $count } answers got worse:
    }
error-shopper-asked = I already ask this: “{ $question }”. Add another question.
error-shopper-nothing = There is nothing to ask yet. Send a document, approve sample answers or add a question of your own, then check again.
error-shopper-full = I ask at most { $limit } questions. Take one off the list, then add yours.
letter-shopper = 🕵️ { $nights ->
        [one] I checked the answers on one night
       *[other] I checked the answers on { $nights } nights
    }: { $worse ->
        [0] nothing got worse.
        [one] one answer got worse.
       *[other] { $worse } answers got worse.
    }
