//! People as a company has them: names of many languages and scripts, departments, titles, managers. The same seed gives the same people.

/// Somebody of the company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// As the person writes it.
    pub given: String,
    /// As the person writes it.
    pub family: String,
    /// What is shown of both.
    pub display: String,
    /// `userName` and address for mails, in ASCII; different for each.
    pub mail: String,
    /// What the HR system knows the person by.
    pub number: usize,
    /// Where the person works.
    pub department: &'static str,
    /// As what.
    pub title: String,
    /// The number of the manager; the first has none.
    pub manager: Option<usize>,
}

/// Given and family names of a language; where a name is not written in ASCII, its ASCII form stands behind `=`.
type Names = (&'static str, &'static str);

/// The family name comes first in these.
const FAMILY_FIRST: &[&str] = &["zh", "ja", "ko", "hu", "vi"];

const LANGUAGES: &[(&str, Names)] = &[
    (
        "en",
        (
            "Amelia Oliver Grace Harry Ruby Wendell Beatrix Miles",
            "Whitcombe O'Brien Ashdown MacLeod D'Arcy Smith-Jones Fairfax Okonkwo",
        ),
    ),
    (
        "de",
        (
            "Jürgen=jurgen Käthe=kathe Matthias Lieselotte Sönke=sonke Anja",
            "Müller=muller Groß=gross Weiß-Öztürk=weiss-ozturk Vogt Schäfer=schafer",
        ),
    ),
    ("fi", ("Aino Väinö=vaino Päivi=paivi Eero", "Virtanen Mäkelä=makela Hämäläinen=hamalainen Laine")),
    (
        "pl",
        (
            "Łukasz=lukasz Zofia Małgorzata=malgorzata Stanisław=stanislaw",
            "Wiśniewska=wisniewska Kowalczyk Dąbrowski=dabrowski Zając=zajac",
        ),
    ),
    ("es", ("Arturo Íñigo=inigo Begoña=begona Ximena", "Peña Núñez=nunez Ibáñez=ibanez García-Lorca=garcia-lorca")),
    (
        "fr",
        (
            "Élodie=elodie Thérèse=therese Anaïs=anais François=francois",
            "L'Hôpital=lhopital Lefèvre=lefevre de-La-Tour Béranger=beranger",
        ),
    ),
    ("yo", ("Adébáyọ̀=adebayo Fúnmiláyọ̀=funmilayo Amara Chinedu", "Nwosu Adéwálé=adewale Okafor Ọlátúnjí=olatunji")),
    ("vi", ("Nguyệt=nguyet Đức=duc Hương=huong Tuấn=tuan", "Nguyễn=nguyen Trần=tran Phạm=pham Lê=le")),
    ("zh", ("小明=xiaoming 婉婷=wanting 建國=jianguo 雨欣=yuxin", "王=wang 歐陽=ouyang 李=li 張=zhang")),
    (
        "ja",
        (
            "さくら=sakura 健太=kenta 美咲=misaki 大輔=daisuke",
            "佐藤=sato 高橋=takahashi 渡邊=watanabe 小鳥遊=takanashi",
        ),
    ),
    ("ko", ("서연=seoyeon 민준=minjun 지우=jiwoo 하은=haeun", "김=kim 이=lee 남궁=namgung 박=park")),
    (
        "ar",
        (
            "عبد-الرحمن=abdulrahman فاطمة=fatima يوسف=yusuf مريم=maryam",
            "الخوارزمي=alkhwarizmi حدّاد=haddad المصري=almasri نجّار=najjar",
        ),
    ),
    ("he", ("נועה=noa אורי=uri תמר=tamar יונתן=yonatan", "בן-דוד=bendavid לוי=levi אבוטבול=abutbul פרידמן=friedman")),
    (
        "hi",
        ("प्रिया=priya अर्जुन=arjun लक्ष्मी=lakshmi रोहन=rohan", "शर्मा=sharma अय्यर=iyer चट्टोपाध्याय=chattopadhyay सिंह=singh"),
    ),
    (
        "ru",
        (
            "Екатерина=ekaterina Юрий=yuri Жанна=zhanna Фёдор=fyodor",
            "Щербакова=shcherbakova Достоевский=dostoevsky Цой=tsoi Ильин=ilyin",
        ),
    ),
    (
        "el",
        (
            "Ελευθερία=eleftheria Γιώργος=giorgos Φωτεινή=foteini",
            "Παπαδόπουλος=papadopoulos Οικονόμου=oikonomou Βασιλείου=vasileiou",
        ),
    ),
    ("th", ("สมชาย=somchai พิมพ์ชนก=pimchanok", "ศรีสวัสดิ์=srisawat วงศ์สุวรรณ=wongsuwan")),
    ("tr", ("Çağla=cagla İbrahim=ibrahim Gülşen=gulsen", "Yıldız=yildiz Şahin=sahin Öztürk=ozturk")),
    ("is", ("Þórunn=thorunn Ægir=aegir Björk=bjork", "Jónsdóttir=jonsdottir Þorláksson=thorlaksson")),
    ("hu", ("Zsófia=zsofia Győző=gyozo Ágnes=agnes", "Szőke=szoke Nagy Hegedűs=hegedus")),
    ("ta", ("கவிதா=kavitha முருகன்=murugan", "சுப்பிரமணியன்=subramanian இராமசாமி=ramasamy")),
];

const DEPARTMENTS: &[(&str, &[&str])] = &[
    ("Engineering", &["Engineer", "Senior engineer", "Test engineer", "Principal engineer"]),
    ("Production", &["Technician", "Shift lead", "Calibrator"]),
    ("Research", &["Scientist", "Research assistant", "Optics researcher"]),
    ("Sales", &["Account executive", "Sales engineer", "Customer advisor"]),
    ("Field service", &["Surveyor", "Field technician", "Dispatcher"]),
    ("Finance", &["Accountant", "Controller", "Payroll specialist"]),
    ("Information technology", &["Systems administrator", "Service desk analyst", "Network engineer"]),
    ("Security", &["Security analyst", "Key custodian", "Auditor"]),
    ("People", &["Recruiter", "People partner"]),
    ("Legal and compliance", &["Counsel", "Compliance officer"]),
];

/// Names that are hard to show: they are spread among the others.
const HARD: &[(&str, &str, &str)] = &[
    (
        "Wolfeschlegelsteinhausenbergerdorff-Maximiliana-Theodora-Alexandrina",
        "Bartholomäus-von-und-zu-Hohenlohe-Waldenburg-Schillingsfürst",
        "wolfe",
    ),
    ("Li", "I", "li.i"),
    ("Zoë 🌱", "Green", "zoe.green"),
    ("Null", "Undefined", "null"),
    ("Robert\"); DROP TABLE users;--", "Tables", "bobby.tables"),
    ("O’Neil", "<b>Bold</b> & Sons", "oneil.bold"),
    ("مُحَمَّد", "Smith (mixed) عادل", "mohammed.smith"),
    ("e\u{301}tienne", "Zero\u{200b}Width", "etienne.zero"),
];

/// That many people of one company, the first at its head, the next ten at the heads of the departments.
pub fn people(count: usize, domain: &str) -> Vec<Person> {
    let mut random = Random(0x5eed_cafe);
    let mut taken = std::collections::HashSet::new();
    let mut all = Vec::with_capacity(count);
    for number in 0..count {
        let hard =
            (number >= 20).then(|| (number - 20) / 40).filter(|_| number % 40 == 20).and_then(|index| HARD.get(index));
        let (given, family, display, local) = match hard {
            Some((given, family, local)) => {
                ((*given).to_owned(), (*family).to_owned(), format!("{given} {family}"), (*local).to_owned())
            }
            None => somebody(&mut random),
        };
        let mut mail = format!("{local}@{domain}");
        let mut twin = 1;
        while !taken.insert(mail.clone()) {
            twin += 1;
            mail = format!("{local}{twin}@{domain}");
        }
        let heads = DEPARTMENTS.len();
        let (department, title, manager) = match number {
            0 => (DEPARTMENTS[0].0, "Managing director".to_owned(), None),
            _ if number <= heads => {
                (DEPARTMENTS[number - 1].0, format!("Head of {}", DEPARTMENTS[number - 1].0), Some(0))
            }
            _ => {
                // The first departments are the largest.
                let index = random.below(heads).min(random.below(heads));
                let (name, titles) = DEPARTMENTS[index];
                (name, titles[random.below(titles.len())].to_owned(), Some(index + 1))
            }
        };
        all.push(Person { given, family, display, mail, number, department, title, manager });
    }
    all
}

/// The names of all departments, the largest first.
pub fn departments() -> impl Iterator<Item = &'static str> {
    DEPARTMENTS.iter().map(|(name, _)| *name)
}

fn somebody(random: &mut Random) -> (String, String, String, String) {
    // English names are as many as three other languages'.
    let (language, (given, family)) = LANGUAGES[random.below(LANGUAGES.len() + 2) % LANGUAGES.len()];
    let mut pick = |names: &'static str| {
        let names: Vec<&str> = names.split(' ').collect();
        let name = names[random.below(names.len())];
        let (native, ascii) = name.split_once('=').unwrap_or((name, name));
        let ascii: String =
            ascii.to_ascii_lowercase().chars().filter(|one| one.is_ascii_lowercase() || *one == '-').collect();
        (native.replace('-', if ["ar"].contains(&language) { " " } else { "-" }), ascii)
    };
    let ((given, given_ascii), (family, family_ascii)) = (pick(given), pick(family));
    let gap = if ["zh", "ja", "ko"].contains(&language) { "" } else { " " };
    let display =
        if FAMILY_FIRST.contains(&language) { format!("{family}{gap}{given}") } else { format!("{given} {family}") };
    (given, family, display, format!("{given_ascii}.{family_ascii}"))
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % u64::try_from(bound).expect("a bound is small")).expect("it is below the bound")
    }
}

#[test]
fn the_same_five_hundred_people_each_with_an_address_of_its_own() {
    let all = people(500, "larkfield.example");
    assert_eq!(all, people(500, "larkfield.example"));
    let mails: std::collections::HashSet<&str> = all.iter().map(|person| person.mail.as_str()).collect();
    assert_eq!((all.len(), mails.len()), (500, 500));
    assert!(mails.iter().all(|mail| mail.is_ascii()), "{mails:?}");
    assert!(
        all.iter().all(|person| person.manager.is_none_or(|manager| manager < person.number)),
        "managers come first"
    );
    for (_, family, _) in HARD {
        assert!(all.iter().any(|person| person.family == *family), "{family}");
    }
}
